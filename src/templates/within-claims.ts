import { FileStorageSpec, JetStreamSpec } from '../resources/nats-cluster/jetstream';
import { NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { NatsClusterSpec } from '../resources/nats-cluster/spec';
import { bytes } from '../resources/schema/quantity';
import { roomOn } from './nats-conf/jetstream';

/**
 * The cluster as its config is to have it while claims have not grown yet, or can't: with room for streams only where there is
 * some on the smallest of these volumes, in bytes. All members have one config, and a full volume stops JetStream.
 */
export function withinClaims(cluster: NatsCluster, capacities: readonly number[]): NatsCluster {
  const { jetstream } = cluster.spec;
  const storage = jetstream?.fileStorage;
  const size = Math.min(...capacities);
  if (!storage || size >= bytes(storage.size)) return cluster;
  const limit = Math.min(storage.limit === undefined ? Infinity : bytes(storage.limit), roomOn(size));
  const fileStorage = Object.assign(new FileStorageSpec(), storage, { limit });
  const spec = Object.assign(new NatsClusterSpec(), cluster.spec, {
    jetstream: Object.assign(new JetStreamSpec(), jetstream, { fileStorage }),
  });
  return Object.assign(new NatsCluster(), cluster, { spec });
}
