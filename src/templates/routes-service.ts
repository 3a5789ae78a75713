import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { monitoringPort, routesPort, routesServiceName, selectorLabels } from './names';
import { decorated } from './decoration';
import { owned } from './owned';

/** The headless service: one DNS record for each member, for routes and monitoring. */
export function routesService(cluster: NatsCluster) {
  const policy = cluster.spec.managementServicePolicy;
  return owned(cluster, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: routesServiceName(cluster),
      ...decorated(policy, selectorLabels(cluster)),
    },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true, // members find each other before they are ready
      selector: selectorLabels(cluster),
      ports: [
        { name: 'cluster', port: routesPort, targetPort: routesPort, protocol: 'TCP' },
        { name: 'monitoring', port: monitoringPort, targetPort: monitoringPort, protocol: 'TCP' },
      ],
    },
  });
}
