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
  const { fileStorage } = jetstream ?? {};
  const size = Math.min(...capacities);
  if (!fileStorage || size >= bytes(fileStorage.size)) return cluster;
  const { limit, ...rest } = fileStorage;
  // a limit that is near to the size leaves no more room on a smaller volume than its default does
  const kept = limit !== undefined && bytes(limit) <= roomOn(size) ? { limit } : {};
  const spec = Object.assign(new NatsClusterSpec(), cluster.spec, {
    jetstream: { ...jetstream, fileStorage: { ...rest, ...kept, size } },
  });
  return Object.assign(new NatsCluster(), cluster, { spec });
}
