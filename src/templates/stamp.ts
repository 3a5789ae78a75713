import { createHash } from 'node:crypto';
import { type Rendered } from './owned';

/** Annotation of an object: stands for all that was written of it. */
export const stampAnnotation = 'nats.io/rendered';

/**
 * The object with a stamp of what it says. What is in the API server has more than what we wrote, so that a port or a rule
 * that is no longer wanted looks like one that somebody else added; the stamp tells that there is something to write. Not for
 * secrets: a hash of a short password is as good as the password.
 */
export function stamped<T extends Rendered>(object: T): T {
  const stamp = createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16);
  const annotations = { ...object.metadata.annotations, [stampAnnotation]: stamp };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
