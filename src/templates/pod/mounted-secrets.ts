import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { credentialsFolder } from '../nats-conf/leafnodes';
import { mountFolders } from '../nats-conf/tls';
import { leafnodeCredentials } from '../secrets';

/** A secret of the user as a folder of the server's container. */
export interface MountedSecret {
  /** Name of the volume. */
  readonly name: string;
  readonly secret: string;
  readonly folder: string;
}

/** The secrets that nats.conf refers to by path. */
export function mountedSecrets({ spec }: NatsCluster): MountedSecret[] {
  const { tls, gatewayConfig, leafnodeConfig, websocketConfig, mqtt } = spec;
  const tlsOf = (listener: keyof typeof mountFolders, wanted: unknown): MountedSecret[] => {
    const secret = wanted ? tls?.[`${listener}Secret`] : undefined;
    return secret ? [{ name: `${listener}-tls`, secret, folder: mountFolders[listener] }] : [];
  };
  const credentials = new Set(leafnodeCredentials(spec).map(({ secret }) => secret));
  return [
    ...tlsOf('server', true),
    ...tlsOf('routes', true),
    ...tlsOf('gateway', gatewayConfig),
    ...tlsOf('leafnode', leafnodeConfig),
    ...tlsOf('websocket', websocketConfig),
    ...tlsOf('mqtt', mqtt),
    ...[...credentials].map((secret, index) => ({
      name: `leafnode-credentials-${index}`,
      secret,
      folder: credentialsFolder(secret),
    })),
  ];
}
