import { type LeafnodeRemote } from '../../resources/nats-cluster/leafnode';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { leafnodePort } from '../listeners';
import { leafnodeTls, type Secrets } from '../secrets';
import { advertised } from './advertise';
import { type Block } from './nats-conf';
import { mountFolders, tlsBlock } from './tls';

/** The port for leaf nodes, and the servers that this cluster is a leaf node of (server/opts.go, parseLeafNodes). */
export function leafnodesBlock({ spec }: NatsCluster, secrets: Secrets): Block | undefined {
  const { leafnodeConfig } = spec;
  if (!leafnodeConfig) return undefined;
  const tls = spec.tls && leafnodeTls(spec.tls);
  return {
    port: leafnodePort(spec),
    advertise: advertised(spec),
    tls: tls && tlsBlock(mountFolders.leafnode, tls, secrets, { timeout: spec.tls?.leafnodesTLSTimeout }),
    remotes: leafnodeConfig.remotes?.map(remoteBlock),
  };
}

function remoteBlock(remote: LeafnodeRemote): Block {
  const { credentialsSecret, credentials, account } = remote;
  const [url, ...more] = remoteUrls(remote);
  return {
    // 2.0.0 and 2.0.1 know one URL only
    ...(more.length > 0 ? { urls: [url, ...more] } : { url }),
    credentials: credentialsSecret
      ? `${credentialsFolder(credentialsSecret.name)}/${credentialsSecret.key}`
      : credentials || undefined,
    account: account || undefined,
  };
}

/** All URLs of a remote. */
export function remoteUrls({ url, urls = [] }: LeafnodeRemote): string[] {
  return [...(url ? [url] : []), ...urls];
}

/** Where a secret with credentials is mounted in the server's container. */
export function credentialsFolder(secret: string): string {
  return `/etc/nats-leafnode-credentials/${secret}`;
}
