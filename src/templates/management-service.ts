import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { metricsPort } from './listeners';
import { managementServiceName } from './names';
import { routesService } from './routes-service';

/**
 * The headless service of nats-operator 0.8: as ours of routes, and always with the port of metrics. Unlike with 0.8 it leads to
 * members of every version, so that it answers during an upgrade too.
 */
export function managementService(cluster: NatsCluster) {
  const { metadata, spec, ...rest } = routesService(cluster);
  const metrics = { name: 'metrics', port: metricsPort, targetPort: metricsPort, protocol: 'TCP' };
  const ports = [...spec.ports.filter(({ name }) => name !== metrics.name), metrics];
  return { ...rest, metadata: { ...metadata, name: managementServiceName(cluster) }, spec: { ...spec, ports } };
}
