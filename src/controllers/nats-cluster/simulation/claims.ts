import { memberLabel, streamsOfAnnotation } from '../../../templates/names';
import { type NewObject, type StoredObject } from '../../../kubernetes/object';
import { type StreamsOf } from '../../../templates/nats-conf/jetstream';
import { type Claim, type NewClaim } from '../plan/situation';
import { clusterName } from './model';
import { type World } from './world';

const kind = 'PersistentVolumeClaim';

/** The claim of a member as the spec asks for it. */
export function claimFor(ordinal: number, streamsOf: StreamsOf, storage: string): NewClaim {
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name: `${clusterName}-${ordinal}`,
      namespace: 'default',
      labels: { nats_cluster: clusterName, [memberLabel]: String(ordinal) },
      annotations: { [streamsOfAnnotation]: streamsOf },
    },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  };
}

export function isClaim(object: Pick<NewObject, 'kind'>): object is Claim {
  return object.kind === kind;
}

/** A claim gets a volume at once, and so much as it asks for. */
export function withVolume<T extends StoredObject>(object: T): T {
  if (!isClaim(object)) return object;
  const capacity = { storage: object.spec?.resources?.requests?.storage };
  return { ...object, status: { phase: 'Bound', capacity } };
}

/** Whose streams the claim of a member is for; undefined where it has none. */
export function modeOfClaim({ log }: World, ordinal: number): string | undefined {
  return log.get('objects', `${kind}/${clusterName}-${ordinal}`)?.metadata.annotations?.[streamsOfAnnotation];
}

/** What the members of a cluster have left, which nobody uses any more. */
export function removeClaims({ log }: World): void {
  for (const { metadata } of log.all('objects').filter(isClaim)) log.remove('objects', `${kind}/${metadata.name}`);
}
