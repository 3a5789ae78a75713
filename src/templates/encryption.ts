import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { type SecretKey } from '../resources/nats-cluster/secret-key';
import { slowHash } from './auth-secrets/fingerprint';
import { valueOf } from './nats-conf/jetstream';
import { type Secrets } from './secrets';

/** What files of streams are encrypted with, without any value of a key. */
export interface Encryption {
  readonly secret: { readonly name: string; readonly key: string };
  /** Stands for the key. */
  readonly now: string;
  /** Stands for the key until now, where the spec names it. */
  readonly before?: string;
}

/**
 * Stand for the keys that files of streams are written with, and were before; undefined where they are not encrypted. They are
 * kept on claims, which outlive the cluster: the same key stands for the same in the next cluster of that name.
 */
export function encryptionOf(
  { metadata: { namespace, name }, spec }: NatsCluster,
  secrets: Secrets,
): Encryption | undefined {
  const encryption = spec.jetstream?.encryption;
  if (!encryption) return undefined;
  const { keySecret, previousKeySecret: previous } = encryption;
  const hashOf = (of: SecretKey) => slowHash(`key of JetStream\n${valueOf(of, secrets)}`, `${namespace}/${name}`);
  return { secret: keySecret, now: hashOf(keySecret), before: previous && hashOf(previous) };
}
