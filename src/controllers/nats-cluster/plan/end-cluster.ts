import { type StoredObject } from '../../../kubernetes/object';
import { isOwnedBy } from './owner';
import { doing, waiting, type Step } from './step';
import { isAlive, type MemberPod, type View } from './survey';

/**
 * With this annotation set to `true` the members of a deleted NatsCluster leave one by one, each in lame duck mode, before
 * the rest goes. Without it all leave at once, as everywhere in Kubernetes.
 */
export const oneByOneAnnotation = 'nats.io/leave-one-by-one';

/**
 * Whether the operator has nothing left to do for a deleted cluster: everything is asked to go. What it did not see is
 * collected as garbage.
 */
export function mayGo(view: View): boolean {
  const { deletionTimestamp } = view.cluster.metadata;
  return deletionTimestamp !== undefined && (isOrphaning(view) || leftovers(view).length + leaving(view).length === 0);
}

/** A deleted cluster gets nothing new. Where it was asked for, its members leave one by one from the highest ordinal. */
export function endCluster(view: View): readonly Step[] {
  const { name, deletionTimestamp } = view.cluster.metadata;
  if (!deletionTimestamp) return [];
  if (isOrphaning(view)) return [waiting('Deleting', `${name} is deleted, and what it owns is left in place`)];
  const [next, ...others] = staying(view);
  if (leaving(view).length > 0) {
    return [waiting('Deleting', `${name} is deleted: a member is saying good-bye to its clients`)];
  }
  if (next) {
    const because = `${name} is deleted: ${name}-${next.ordinal} leaves, ${others.length} members follow one by one`;
    return [doing('Deleting', because, [{ do: 'delete', object: next.pod }])];
  }
  const actions = leftovers(view).map((object) => ({ do: 'delete', object }) as const);
  return [doing('Deleting', `${name} is deleted, and everything it owns with it`, actions)];
}

/** `kubectl delete --cascade=orphan` asks to leave everything in place. */
function isOrphaning({ cluster: { metadata } }: View): boolean {
  return metadata.finalizers?.includes('orphan') ?? false;
}

/** What is not asked to go yet. */
function leftovers({ cluster, pods, objects }: View): StoredObject[] {
  return [...pods, ...objects].filter(
    (object) => isOwnedBy(object, cluster.metadata) && !object.metadata.deletionTimestamp,
  );
}

/** Members that stay until it is their turn, from the highest ordinal. */
function staying(view: View): MemberPod[] {
  return podsOneByOne(view).filter(isAlive).reverse();
}

function leaving(view: View): MemberPod[] {
  return podsOneByOne(view).filter(({ state }) => state === 'leaving');
}

function podsOneByOne({ cluster, members, surplus }: View): MemberPod[] {
  if (cluster.metadata.annotations?.[oneByOneAnnotation] !== 'true') return [];
  return [...members, ...surplus].flatMap(({ pods }) => pods);
}
