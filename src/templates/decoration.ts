/** Labels and annotations that the spec gives an object. */
export interface Decoration {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Annotation: which labels and annotations come from the spec, so that it shows when one of them is no longer wanted. */
export const decorationAnnotation = 'nats.io/decoration';

/** The record of what comes from the spec: keys without values. */
export function recordOf({ labels, annotations }: Decoration): string {
  return JSON.stringify({ labels: Object.keys(labels).sort(), annotations: Object.keys(annotations).sort() });
}

/** Labels and annotations for an object: those of the spec, with ours over them. */
export function decorated({ labels, annotations }: Partial<Decoration> = {}, own: Readonly<Record<string, string>>) {
  const record = recordOf({ labels: labels ?? {}, annotations: annotations ?? {} });
  return { labels: { ...labels, ...own }, annotations: { ...annotations, [decorationAnnotation]: record } };
}
