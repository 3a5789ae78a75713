import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { listenersOf } from './listeners';
import { clientPort, clientServiceName, selectorLabels } from './names';
import { owned } from './owned';

/** The service that clients and leaf nodes connect to; it leads to members that are ready. Gateways need each member's own address. */
export function clientService(cluster: NatsCluster) {
  const policy = cluster.spec.servicePolicy;
  return owned(cluster, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: clientServiceName(cluster),
      labels: { ...policy?.labels, ...selectorLabels(cluster) },
      ...(policy?.annotations && { annotations: policy.annotations }),
    },
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(cluster),
      ports: [
        { name: 'tcp-client', port: clientPort, targetPort: clientPort, protocol: 'TCP' },
        ...listenersOf(cluster.spec)
          .filter(({ servicePort }) => servicePort !== 'gateways')
          .map(({ servicePort, port }) => ({ name: servicePort, port, targetPort: port, protocol: 'TCP' })),
      ],
    },
  });
}
