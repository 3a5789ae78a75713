import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { disruptionBudgetName, selectorLabels } from './names';
import { owned } from './owned';

/** How many members a drain may take at once; none where the spec turns it off. */
export function disruptionBudget(cluster: NatsCluster) {
  const { enabled, minAvailable, maxUnavailable } = cluster.spec.podDisruptionBudget;
  if (!enabled) return undefined;
  const limit =
    minAvailable === undefined ? { maxUnavailable: maxUnavailable ?? spare(cluster.spec.size) } : { minAvailable };
  return owned(cluster, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: disruptionBudgetName(cluster), labels: selectorLabels(cluster) },
    // a member that does not serve counts for nothing: it must not keep its node from being drained
    spec: { ...limit, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: selectorLabels(cluster) } },
  });
}

/** Members beyond a quorum, but at least one: a budget of none would block every drain for ever. */
function spare(size: number): number {
  return Math.max(1, Math.floor((size - 1) / 2));
}
