import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { type Problem } from '../../resources/parse';
import { listenersOf, metricsPort } from '../listeners';
import { clientPort, monitoringPort, routesPort, serverContainer } from '../names';
import { freeBlock } from './free-block';

/** Ports that services, probes and the operator itself rely on, by their key in nats.conf. */
const fixed = { port: clientPort, http_port: monitoringPort, https_port: monitoringPort } as const;

/** Free configuration must not move a port away from where everything else expects it. */
export function ownPorts(cluster: NatsCluster): Problem[] {
  const { config = {} } = cluster.spec;
  const moved = Object.entries(fixed).filter(([key, port]) => config[key] !== undefined && config[key] !== port);
  const other = ['listen', 'monitor_port', 'http', 'https'].filter((key) => config[key] !== undefined);
  const routes = freeBlock(cluster, 'cluster');
  const ofRoutes = routes.listen !== undefined || (routes.port !== undefined && routes.port !== routesPort);
  return [...moved.map(([key]) => key), ...other, ...(ofRoutes ? ['cluster'] : [])].map((key) => ({
    field: `spec.config.${key}`,
    message:
      `moves a port that services and probes rely on (${clientPort} clients, ${routesPort} routes, ` +
      `${monitoringPort} monitoring): remove it`,
  }));
}

/** No two listen on one port of a pod: those of nats.conf once free configuration is merged, and those of other containers. */
export function takenPorts(cluster: NatsCluster): Problem[] {
  const { spec } = cluster;
  const taken = new Map<unknown, string>([
    [clientPort, 'clients'],
    [routesPort, 'routes'],
    [monitoringPort, 'monitoring'],
    ...(spec.pod?.enableMetrics ? [[metricsPort, 'metrics'] as const] : []),
    ...listenersOf(spec).map(({ port, servicePort }) => [port, servicePort] as const),
  ]);
  return [...freeListeners(cluster, taken), ...otherContainers(cluster, taken)];
}

/** Listeners in the free configuration, with the field that is meant for their port. */
const listeners = [
  { key: 'gateway', section: 'gatewayConfig', field: 'hostPort' },
  { key: 'leafnodes', section: 'leafnodeConfig', field: 'hostPort' },
  { key: 'websocket', section: 'websocketConfig', field: 'port' },
  { key: 'mqtt', section: 'mqtt', field: 'port' },
] as const;

function freeListeners(cluster: NatsCluster, taken: ReadonlyMap<unknown, string>): Problem[] {
  return listeners.flatMap(({ key, section, field }): Problem[] => {
    const { port, listen } = freeBlock(cluster, key);
    if (cluster.spec[section]) {
      if (port === undefined && listen === undefined) return [];
      const message = `moves a port that services rely on: remove it, and write the port in spec.${section}.${field}`;
      return [{ field: `spec.config.${key}`, message }];
    }
    const by = taken.get(port);
    if (by === undefined) return [];
    return [{ field: `spec.config.${key}.port`, message: `${String(port)} is the port of ${by}: choose another` }];
  });
}

function otherContainers({ spec }: NatsCluster, taken: ReadonlyMap<unknown, string>): Problem[] {
  return (spec.template?.spec?.containers ?? []).flatMap(({ name, ports = [] }, index) => {
    if (name === serverContainer) return [];
    return ports.flatMap(({ containerPort }, at): Problem[] => {
      const by = taken.get(containerPort);
      if (by === undefined) return [];
      const field = `spec.template.spec.containers[${index}].ports[${at}]`;
      const message = `${containerPort} is the port of ${by}, and the containers of a pod share their ports: choose another`;
      return [{ field, message }];
    });
  });
}
