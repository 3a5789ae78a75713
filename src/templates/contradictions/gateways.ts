import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { type Problem } from '../../resources/parse';
import { clientServiceName, routesServiceName } from '../names';
import { gatewayName } from '../nats-conf/gateway';
import { freeBlock } from './free-block';

/**
 * A list may have this cluster itself, as servers leave their own entry out: the example of nats-operator 0.8 has nothing else.
 * Another name that leads here would join nothing.
 */
export function gatewayToItself(cluster: NatsCluster): Problem[] {
  const own = gatewayName(cluster);
  const gateways = cluster.spec.gatewayConfig?.gateways ?? [];
  return gateways.flatMap(({ name, url, urls = [] }, index) => {
    const toSelf = name === own ? undefined : [...(url ? [url] : []), ...urls].find((to) => isOwnAddress(to, cluster));
    if (toSelf === undefined) return [];
    const message = `leads gateway ${name} to this cluster itself, which is ${own ?? ''}: write the address of ${name}`;
    return [{ field: `spec.gatewayConfig.gateways[${index}]`, message }];
  });
}

function isOwnAddress(url: string, cluster: NatsCluster): boolean {
  const [, host = ''] = /^(?:[a-z-]+:\/\/)?(?:[^@/]*@)?([^:/]+)/i.exec(url) ?? [];
  const { namespace } = cluster.metadata;
  return [routesServiceName(cluster), clientServiceName(cluster)].some((service) =>
    [service, `${service}.${namespace}`].some((name) => host === name || host.startsWith(`${name}.svc`)),
  );
}

/** Servers insist on one name for a cluster and its gateway (server/server.go, validateCluster). */
export function nameOfSuperCluster(cluster: NatsCluster): Problem[] {
  const own = gatewayName(cluster);
  if (own === undefined) return [];
  if (own.includes(' ')) return [{ field: 'spec.gatewayConfig.name', message: 'must not have spaces: remove them' }];
  const { name: gateway = own } = freeBlock(cluster, 'gateway');
  const { name = own } = freeBlock(cluster, 'cluster');
  if (gateway === name) return [];
  const field = name === own ? 'spec.config.gateway.name' : 'spec.config.cluster.name';
  const message = `a gateway and its cluster must have one name, and these are ${JSON.stringify(gateway)} and ${JSON.stringify(name)}: remove it, and write the name in spec.gatewayConfig.name`;
  return [{ field, message }];
}
