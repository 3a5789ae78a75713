import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';

/** A block of the free configuration, empty where there is none. */
export function freeBlock({ spec: { config } }: NatsCluster, key: string): Record<string, unknown> {
  const block = config?.[key];
  return typeof block === 'object' && block !== null && !Array.isArray(block) ? (block as Record<string, unknown>) : {};
}
