import { group, storageVersion } from '../api';
import { type NatsCluster } from '../nats-cluster/nats-cluster';
import { parseNatsCluster } from '../parse';

/** A cluster as the operator reads it: `spec` as a user writes it, with defaults filled in. Throws where it is not valid. */
export function aCluster(spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): NatsCluster {
  const parsed = parseNatsCluster({
    apiVersion: `${group}/${storageVersion}`,
    kind: 'NatsCluster',
    metadata: {
      name: 'nats',
      namespace: 'default',
      uid: '11111111-2222-3333-4444-555555555555',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    spec,
  });
  if (!parsed.resource) throw new Error(parsed.problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
  return parsed.resource;
}
