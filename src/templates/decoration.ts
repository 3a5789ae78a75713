/** Labels and annotations that the spec gives pods. */
export interface Decoration {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Annotation of a pod: which of its labels and annotations come from the spec, so that they can be taken away again. */
export const decorationAnnotation = 'nats.io/decoration';

/** The record of what comes from the spec: keys without values. */
export function recordOf({ labels, annotations }: Decoration): string {
  return JSON.stringify({ labels: Object.keys(labels).sort(), annotations: Object.keys(annotations).sort() });
}
