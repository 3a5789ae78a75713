import { has } from '../../nats/capabilities';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { memberAddress, routesPort, routesServiceName } from '../names';
import { predecessorAddresses } from '../predecessor';
import { routesTls, type Secrets } from '../secrets';
import { gatewayName } from './gateway';
import { type Block } from './nats-conf';
import { clusterAuthorization, routeUrl } from './peer-authorization';
import { mountFolders, tlsBlock } from './tls';

/** How members find each other: a route to every one, so that no islands form whoever comes first. */
export function clusterBlock(cluster: NatsCluster, secrets: Secrets): Block {
  const { spec } = cluster;
  const tls = spec.tls && routesTls(spec.tls);
  return {
    name: has(spec.version, 'clusterName') ? clusterName(cluster) : undefined,
    port: routesPort,
    authorization: clusterAuthorization(spec, secrets),
    routes: [
      ...Array.from({ length: spec.size }, (_, ordinal) => `${memberAddress(cluster, ordinal)}:${routesPort}`)
        .concat(predecessorAddresses(cluster))
        .map((address) => routeUrl(address, spec, secrets)),
      ...extraRoutes(cluster, secrets),
    ],
    no_advertise: spec.noAdvertise || undefined,
    tls: tls && tlsBlock(mountFolders.routes, tls, secrets, { timeout: spec.tls?.routesTLSTimeout }),
  };
}

/**
 * Servers refuse routes of a cluster with another name (server/route.go, processRouteConnect), and a gateway of another name
 * than its cluster's. With routes to servers outside there is no name unless JetStream needs one: then all of them agree on
 * one by themselves, or take the one that the others have.
 */
function clusterName(cluster: NatsCluster): string | undefined {
  const { extraRoutes = [], jetstream } = cluster.spec;
  const named = jetstream !== undefined || extraRoutes.length === 0;
  return gatewayName(cluster) ?? (named ? cluster.metadata.name : undefined);
}

/** Routes to servers outside: to a URL, or to the members of another cluster of the namespace. */
function extraRoutes({ spec, metadata }: NatsCluster, secrets: Secrets): string[] {
  return (spec.extraRoutes ?? []).map(({ route, cluster = '' }) => {
    const other = { metadata: { ...metadata, name: cluster } };
    return route || routeUrl(`${routesServiceName(other)}.${metadata.namespace}.svc:${routesPort}`, spec, secrets);
  });
}
