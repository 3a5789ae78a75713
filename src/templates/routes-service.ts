import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { listenersOf, metricsPort } from './listeners';
import { monitoringPort, routesPort, routesServiceName, selectorLabels } from './names';
import { owned } from './owned';

/** The headless service: one DNS record for each member, for routes, monitoring and other clusters. */
export function routesService(cluster: NatsCluster) {
  const policy = cluster.spec.managementServicePolicy;
  return owned(cluster, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: routesServiceName(cluster),
      labels: { ...policy?.labels, ...selectorLabels(cluster) },
      ...(policy?.annotations && { annotations: policy.annotations }),
    },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true, // members find each other before they are ready
      selector: selectorLabels(cluster),
      ports: [
        port('cluster', routesPort),
        port('monitoring', monitoringPort),
        ...(cluster.spec.pod?.enableMetrics ? [port('metrics', metricsPort)] : []),
        ...listenersOf(cluster.spec).map(({ servicePort, port: number }) => port(servicePort, number)),
      ],
    },
  });
}

function port(name: string, number: number) {
  return { name, port: number, targetPort: number, protocol: 'TCP' };
}
