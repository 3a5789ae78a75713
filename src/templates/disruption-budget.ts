import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { type PodDisruptionBudgetSpec } from '../resources/nats-cluster/pod-disruption-budget';
import { disruptionBudgetName, selectorLabels } from './names';
import { owned } from './owned';

/** How many members a drain may take at once; none where the spec turns it off. */
export function disruptionBudget(cluster: NatsCluster) {
  const { podDisruptionBudget: budget, jetstream, size } = cluster.spec;
  if (!budget.enabled) return undefined;
  return owned(cluster, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: disruptionBudgetName(cluster), labels: selectorLabels(cluster) },
    spec: {
      // one at a time: each stream and the group of the servers must keep a majority
      ...(jetstream ? { maxUnavailable: Math.min(1, mayBeAway(budget, size)) } : limit(budget, size)),
      // a member that does not serve counts for nothing: it must not keep its node from being drained
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selectorLabels(cluster) },
    },
  });
}

function limit({ minAvailable, maxUnavailable }: PodDisruptionBudgetSpec, size: number) {
  return minAvailable === undefined ? { maxUnavailable: maxUnavailable ?? spare(size) } : { minAvailable };
}

/** Members that may be away as the spec has it, of which Kubernetes rounds a share up (disruption.go, getExpectedPodCount). */
function mayBeAway({ minAvailable, maxUnavailable }: PodDisruptionBudgetSpec, size: number): number {
  const count = (value: number | string) =>
    typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) / 100) * size);
  return minAvailable === undefined ? count(maxUnavailable ?? spare(size)) : Math.max(0, size - count(minAvailable));
}

/** Members beyond a quorum, but at least one: a budget of none would block every drain for ever. */
function spare(size: number): number {
  return Math.max(1, Math.floor((size - 1) / 2));
}
