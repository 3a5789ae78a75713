import { doing, waiting, type Step } from './step';
import { isAlive, type MemberPod, type View } from './survey';

/**
 * With this annotation set to `true` the members of a deleted NatsCluster leave one by one, each in lame duck mode, before
 * the rest goes. Without it all leave at once, as everywhere in Kubernetes.
 */
export const oneByOneAnnotation = 'nats.io/leave-one-by-one';

/** Whether the operator has nothing left to do for a deleted cluster: what remains goes with its owner. */
export function mayGo({ cluster: { metadata }, ...view }: View): boolean {
  if (!metadata.deletionTimestamp) return false;
  // `kubectl delete --cascade=orphan` asks to leave everything in place
  const orphans = metadata.finalizers?.includes('orphan') ?? false;
  if (orphans || metadata.annotations?.[oneByOneAnnotation] !== 'true') return true;
  return staying(view).length === 0 && leaving(view).length === 0;
}

/** A deleted cluster gets nothing new. Where it was asked for, its members leave one by one from the highest ordinal. */
export function endCluster(view: View): readonly Step[] {
  if (!view.cluster.metadata.deletionTimestamp) return [];
  const [next, ...others] = staying(view);
  const [gone] = leaving(view);
  const { name } = view.cluster.metadata;
  if (mayGo(view)) return [waiting('Deleting', `${name} is deleted, and everything it owns with it`)];
  if (gone || !next) return [waiting('Deleting', `${name} is deleted: a member is saying good-bye to its clients`)];
  const because = `${name} is deleted: ${name}-${next.ordinal} leaves, ${others.length} members follow one by one`;
  return [doing('Deleting', because, [{ do: 'delete', object: next.pod }])];
}

/** From the highest ordinal. */
function staying(view: Pick<View, 'members' | 'surplus'>): MemberPod[] {
  return podsOf(view).filter(isAlive).reverse();
}

function leaving(view: Pick<View, 'members' | 'surplus'>): MemberPod[] {
  return podsOf(view).filter(({ state }) => state === 'leaving');
}

function podsOf({ members, surplus }: Pick<View, 'members' | 'surplus'>): MemberPod[] {
  return [...members, ...surplus].flatMap(({ pods }) => pods);
}
