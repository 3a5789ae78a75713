import { memberLabel, restartHashAnnotation } from '../../../templates/names';
import { predecessorIndex } from '../../../templates/predecessor';
import { isOwnedBy } from './owner';
import { type Cluster, type Pod } from './situation';
import { doing, type Step } from './step';
import { listed, type View } from './survey';

/**
 * Whether a pod was made by nats-operator 0.8: it has the name and the annotation of one, and is not said to be made from a spec,
 * as all of ours are.
 */
export function isPredecessor(pod: Pod, cluster: Pick<Cluster, 'metadata'>): boolean {
  const { annotations, name } = pod.metadata;
  return (
    annotations?.[restartHashAnnotation] === undefined &&
    annotations?.['nats.version'] !== undefined &&
    predecessorIndex(cluster, name) !== undefined &&
    isOwnedBy(pod, cluster.metadata)
  );
}

/**
 * Makes pods of nats-operator 0.8 members, by a label. They run on; since nobody knows what they were made from, they are then made
 * again one by one like any member with an older spec.
 */
export function adoptPredecessors({ cluster, pods, wanted }: View): readonly Step[] {
  if (!wanted) return [];
  const strangers = pods.filter((pod) => isPredecessor(pod, cluster) && !isMember(pod, cluster, wanted.size));
  if (strangers.length === 0) return [];
  const names = listed(strangers.map(({ metadata }) => metadata.name).sort());
  const are = strangers.length > 1 ? 'are taken over as members' : 'is taken over as a member';
  return [
    doing(
      'Adopting',
      `${names} of nats-operator 0.8 ${are}`,
      strangers.map((pod) => ({
        do: 'relabel',
        object: pod,
        labels: { [memberLabel]: String(ordinalOf(pod, cluster, wanted.size)) },
        annotations: {},
      })),
    ),
  ];
}

/** Whether a pod is a member already. One whose name another member would get since the size has grown becomes that one. */
function isMember({ metadata }: Pod, cluster: Pick<Cluster, 'metadata'>, size: number): boolean {
  const label = metadata.labels?.[memberLabel];
  const index = predecessorIndex(cluster, metadata.name) ?? size;
  return label !== undefined && (index >= size || label === String(index));
}

/**
 * A member takes over from the pod that has its name already, as two servers of one name would not route to each other. 0.8 counts
 * from 1: the last one, whose name no member has, becomes member 0.
 */
function ordinalOf({ metadata }: Pod, cluster: Pick<Cluster, 'metadata'>, size: number): number {
  const index = predecessorIndex(cluster, metadata.name) ?? size;
  return index === size ? 0 : index;
}
