// Small makers of claims for tests: say only what a test is about.
import { streamsOfAnnotation } from '../../../templates/names';
import { aStored } from './makers';
import { type Claim, type NewClaim } from './situation';

export interface ClaimChanges {
  readonly size?: string;
  readonly class?: string;
  readonly modes?: readonly string[];
  readonly metadata?: object;
  readonly status?: Claim['status'];
}

/** A claim of a member, bound, as the API server has it. */
export function aClaim(ordinal: number, changes: ClaimChanges = {}): Claim {
  const { size = '1Gi', class: storageClassName = 'standard', modes: accessModes = ['ReadWriteOnce'] } = changes;
  return {
    ...aStored('PersistentVolumeClaim', `nats-${ordinal}`, {
      labels: { nats_cluster: 'nats', 'nats.io/member': String(ordinal) },
      annotations: { [streamsOfAnnotation]: 'cluster' },
      ownerReferences: undefined,
      ...changes.metadata,
    }),
    spec: { accessModes, storageClassName, resources: { requests: { storage: size } }, volumeName: `pv-${ordinal}` },
    status: { phase: 'Bound', capacity: { storage: size }, ...changes.status },
  };
}

/** The claim of a member as the spec asks for it. */
export function wantedClaim(ordinal: number, changes: ClaimChanges = {}): NewClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: `nats-${ordinal}`,
      namespace: 'default',
      labels: { nats_cluster: 'nats', 'nats.io/member': String(ordinal) },
      annotations: { [streamsOfAnnotation]: 'cluster' },
      ...changes.metadata,
    },
    spec: {
      accessModes: changes.modes ?? ['ReadWriteOnce'],
      storageClassName: changes.class,
      resources: { requests: { storage: changes.size ?? '1Gi' } },
    },
  };
}
