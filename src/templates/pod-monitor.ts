import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { podMonitorName, selectorLabels } from './names';
import { owned } from './owned';

/**
 * What tells a Prometheus of the Prometheus operator to scrape the exporter of each pod
 * (https://prometheus-operator.dev/docs/api-reference/api); none where the spec does not ask for it.
 */
export function podMonitor(cluster: NatsCluster) {
  const wanted = cluster.spec.monitoring?.podMonitor;
  if (!wanted) return undefined;
  return owned(cluster, {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: podMonitorName(cluster), labels: { ...wanted.labels, ...selectorLabels(cluster) } },
    spec: {
      selector: { matchLabels: selectorLabels(cluster) },
      podMetricsEndpoints: [{ port: 'metrics', interval: `${wanted.intervalSeconds}s` }],
    },
  });
}
