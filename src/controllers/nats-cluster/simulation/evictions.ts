import { type StoredObject } from '../../../kubernetes/object';
import { isOwnedBy } from '../plan/owner';
import { conditionOf } from '../plan/pod-state';
import { type Pod } from '../plan/situation';
import { judgeEviction } from './request-invariants';
import { clusterName } from './model';
import { type World } from './world';

/** A PodDisruptionBudget that selects all pods of the cluster. */
export interface Budget extends StoredObject {
  readonly spec?: { readonly minAvailable?: number; readonly maxUnavailable?: number };
}

/** Asks a pod to go, as a drain does again and again, if the disruption budget lets it. */
export function evict(world: World, pod: Pod): void {
  if (pod.metadata.deletionTimestamp || !mayGo(world, pod)) return;
  world.story.push(`  ${pod.metadata.name} is drained`);
  judgeEviction(world, pod);
  world.deletePod(pod);
}

/** The cluster's own budget, where there is one. */
export function budgetOf({ cluster, log }: World): Budget | undefined {
  const live = log.get('objects', `PodDisruptionBudget/${clusterName}`);
  return cluster && live && isOwnedBy(live, cluster.metadata) ? live : undefined;
}

/** As the API server and the disruption controller decide: a pod that is not ready may always go. */
function mayGo(world: World, pod: Pod): boolean {
  const { minAvailable, maxUnavailable = 0 } = budgetOf(world)?.spec ?? { minAvailable: 0 };
  if (!isHealthy(pod)) return true;
  const healthy = world.ownPods.filter(isHealthy).length;
  return healthy - 1 >= (minAvailable ?? (world.cluster?.spec.size ?? 0) - maxUnavailable);
}

/** Whether a pod counts as one that serves, as far as the API shows it. */
export function isHealthy({ metadata, status }: Pod): boolean {
  return !metadata.deletionTimestamp && conditionOf(status?.conditions, 'Ready')?.status === 'True';
}
