/** Label of a pod: the ordinal of its member. */
export const memberLabel = 'nats.io/member';

/** Annotation of a pod: what parts of the spec that need a restart it was made from. */
export const restartHashAnnotation = 'nats.io/restart-hash';

/** Annotation of a pod: which of its labels and annotations come from the spec, so that they can be taken away again. */
export const decorationAnnotation = 'nats.io/decoration';
