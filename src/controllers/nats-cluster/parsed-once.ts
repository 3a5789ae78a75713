import { type StoredObject } from '../../kubernetes/object';
import { parseNatsCluster } from '../../resources/parse';

const known = new WeakMap<StoredObject, ReturnType<typeof parseNatsCluster>>();

/** `parseNatsCluster`, once for each object of a cache: validation is what costs most in a reconcile, and caches don't change objects. */
export function parsedOnce(cluster: StoredObject): ReturnType<typeof parseNatsCluster> {
  const before = known.get(cluster);
  if (before) return before;
  const parsed = parseNatsCluster(cluster);
  known.set(cluster, parsed);
  return parsed;
}
