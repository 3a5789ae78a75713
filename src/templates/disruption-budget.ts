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

/**
 * What the spec says, or all but the spare members. That is a number of those who stay, not of those who may go: of the
 * latter Kubernetes would ask the API server again and again how many members the cluster is to have.
 */
function limit({ minAvailable, maxUnavailable }: PodDisruptionBudgetSpec, size: number) {
  if (maxUnavailable !== undefined) return { maxUnavailable };
  return { minAvailable: minAvailable ?? size - spare(size) };
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
