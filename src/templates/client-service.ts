import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { clientPort, clientServiceName, selectorLabels } from './names';
import { decorated } from './decoration';
import { owned } from './owned';

/** The service that clients connect to; it leads to members that are ready. */
export function clientService(cluster: NatsCluster) {
  const policy = cluster.spec.servicePolicy;
  return owned(cluster, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: clientServiceName(cluster),
      ...decorated(policy, selectorLabels(cluster)),
    },
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(cluster),
      ports: [{ name: 'tcp-client', port: clientPort, targetPort: clientPort, protocol: 'TCP' }],
    },
  });
}
