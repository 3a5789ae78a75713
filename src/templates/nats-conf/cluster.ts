import { has } from '../../nats/capabilities';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { memberAddress, routesPort } from '../names';
import { routesTls, type Secrets } from '../secrets';
import { type Block } from './nats-conf';
import { clusterAuthorization, routeUrl } from './peer-authorization';
import { mountFolders, tlsBlock } from './tls';

/** How members find each other: a route to every one, so that no islands form whoever comes first. */
export function clusterBlock(cluster: NatsCluster, secrets: Secrets): Block {
  const { spec, metadata } = cluster;
  const tls = spec.tls && routesTls(spec.tls);
  return {
    name: has(spec.version, 'clusterName') ? metadata.name : undefined,
    port: routesPort,
    authorization: clusterAuthorization(spec, secrets),
    routes: Array.from({ length: spec.size }, (_, ordinal) =>
      routeUrl(`${memberAddress(cluster, ordinal)}:${routesPort}`, spec, secrets),
    ),
    no_advertise: spec.noAdvertise || undefined,
    tls: tls && tlsBlock(mountFolders.routes, tls, secrets, { timeout: spec.tls?.routesTLSTimeout }),
  };
}
