import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { gatewayPort } from '../listeners';
import { gatewayTls, type Secrets } from '../secrets';
import { advertised } from './advertise';
import { type Block } from './nats-conf';
import { gatewayAuthorization } from './peer-authorization';
import { mountFolders, tlsBlock } from './tls';

/**
 * The gateway to the other clusters of a super-cluster (server/opts.go, parseGateway). A list that has this cluster too is
 * as servers want it: they leave out their own name, so that all clusters may have the same list.
 */
export function gatewayBlock(cluster: NatsCluster, secrets: Secrets): Block | undefined {
  const { spec } = cluster;
  const { gatewayConfig } = spec;
  if (!gatewayConfig) return undefined;
  const tls = spec.tls && gatewayTls(spec.tls);
  return {
    name: gatewayName(cluster),
    port: gatewayPort(spec),
    authorization: gatewayAuthorization(spec, secrets),
    advertise: advertised(spec),
    reject_unknown: gatewayConfig.rejectUnknown || undefined,
    tls: tls && tlsBlock(mountFolders.gateway, tls, secrets, { timeout: spec.tls?.gatewaysTLSTimeout }),
    gateways: gatewayConfig.gateways?.map(({ name, url, urls = [] }) => ({
      name,
      urls: [...(url ? [url] : []), ...urls],
    })),
  };
}

/** Name of the cluster in its super-cluster; undefined where it is in none. Servers insist that it is the cluster's name too. */
export function gatewayName({ spec: { gatewayConfig }, metadata }: NatsCluster): string | undefined {
  return gatewayConfig && (gatewayConfig.name || metadata.name);
}

/**
 * Names of the other clusters of the super-cluster that the spec lists, in order, those of free config too; undefined without
 * JetStream or gateways: then no streams are at stake.
 */
export function gatewaysToGuard(cluster: NatsCluster): string[] | undefined {
  const { jetstream, gatewayConfig, config } = cluster.spec;
  if (!jetstream || !(gatewayConfig ?? config?.gateway)) return undefined;
  const free = (config?.gateway ?? {}) as { name?: unknown; gateways?: unknown };
  const listed: unknown[] = Array.isArray(free.gateways) ? free.gateways : [];
  const others = [...(gatewayConfig?.gateways ?? []), ...listed].map(
    (other) => (other as { name?: unknown } | null)?.name,
  );
  const own = [gatewayName(cluster), free.name];
  return [...new Set(others.filter((name) => typeof name === 'string' && !own.includes(name)) as string[])].sort();
}
