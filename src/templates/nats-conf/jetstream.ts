import { type JetStreamSpec } from '../../resources/nats-cluster/jetstream';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { type SecretKey } from '../../resources/nats-cluster/secret-key';
import { bytes } from '../../resources/schema/quantity';
import { has } from '../../nats/capabilities';
import { memoryBytes } from '../pod/memory';
import { type Secrets } from '../secrets';
import { type Block } from './nats-conf';

/** Where a member's claim is mounted; without one, a folder that lives as long as the pod. The server adds `/jetstream`. */
export const storeFolder = '/data';

/** Of a claim so much is left free: a full volume stops JetStream, and a file system needs some for itself. */
const headroom = 0.1;

/** JetStream of a member; undefined where the spec has none. */
export function jetStreamBlock({ spec }: NatsCluster, secrets: Secrets): Block | undefined {
  const { jetstream } = spec;
  if (!jetstream) return undefined;
  const { encryption, limits } = jetstream;
  return {
    store_dir: storeFolder,
    max_mem: maxMemory(jetstream, spec.pod?.resources?.limits?.memory),
    max_file: maxFile(jetstream),
    domain: jetstream.domain,
    unique_tag: jetstream.uniqueTag,
    ...(encryption && {
      key: valueOf(encryption.keySecret, secrets),
      prev_encryption_key: encryption.previousKeySecret && valueOf(encryption.previousKeySecret, secrets),
      cipher: has(spec.version, 'jetStreamCipher') ? encryption.cipher : undefined,
    }),
    limits: limits && {
      max_ack_pending: limits.maxAckPending,
      max_ha_assets: limits.maxHaAssets,
      max_request_batch: limits.maxRequestBatch,
      duplicate_window: limits.duplicateWindow,
    },
  };
}

/** Those who keep streams together, in one group that knows where each is. */
export type StreamsOf = 'one-server' | 'cluster' | 'super-cluster';

/**
 * Whose streams a server keeps, which can't be told apart later; undefined without JetStream. A single server has no cluster
 * block: with a route to itself it would wait for ever for a majority of servers that don't exist (measured). Behind gateways a
 * server is never alone: those of all clusters are one group (server.go, standAloneMode).
 */
export function streamsOf({
  jetstream,
  size,
  gatewayConfig,
  config,
}: Pick<NatsClusterSpec, 'jetstream' | 'size' | 'gatewayConfig' | 'config'>): StreamsOf | undefined {
  if (!jetstream) return undefined;
  if (gatewayConfig ?? config?.gateway) return 'super-cluster';
  return size === 1 ? 'one-server' : 'cluster';
}

/** Bytes. Without a limit of the container the server takes its own: three quarters of the memory that it sees. */
function maxMemory({ memoryLimit }: JetStreamSpec, containerLimit: string | undefined): number | undefined {
  if (memoryLimit !== undefined) return bytes(memoryLimit);
  const limit = memoryBytes(containerLimit);
  return limit === undefined ? undefined : Math.floor(limit / 2);
}

/** Bytes. Without claims none: streams on files would be lost with the pod, and the server refuses them (measured: 0 refuses). */
function maxFile({ fileStorage }: JetStreamSpec): number {
  if (!fileStorage) return 0;
  return fileStorage.limit === undefined ? roomOn(bytes(fileStorage.size)) : bytes(fileStorage.limit);
}

/** Bytes of streams that a volume of so many bytes is for. */
export function roomOn(size: number): number {
  return Math.floor(size * (1 - headroom));
}

/** A key of encryption. A file that was made with an editor or `echo` ends with a line break, which is no part of the key. */
export function valueOf({ name, key }: SecretKey, secrets: Secrets): string {
  const value = secrets.get(name)?.get(key);
  // the plan waits until it is there, so this is a bug, and files without encryption would be worse
  if (value === undefined) throw new Error(`secret ${name} has no key ${key}`);
  return value.replace(/\r?\n$/, '');
}
