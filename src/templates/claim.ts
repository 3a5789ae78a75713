import { type FileStorageSpec } from '../resources/nats-cluster/jetstream';
import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { memberLabel, memberName, selectorLabels, streamsOfAnnotation } from './names';
import { streamsOf } from './nats-conf/jetstream';
import { owned } from './owned';

/**
 * The claim that holds a member's streams. It has the member's name and outlives its pods.
 * Only a claim that goes with the cluster is owned by it.
 */
export function memberClaim(cluster: NatsCluster, ordinal: number, storage: FileStorageSpec) {
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: memberName(cluster, ordinal),
      labels: { ...selectorLabels(cluster), [memberLabel]: String(ordinal) },
      annotations: { [streamsOfAnnotation]: streamsOf(cluster.spec) ?? 'cluster' },
    },
    spec: {
      accessModes: storage.accessModes,
      storageClassName: storage.storageClassName,
      resources: { requests: { storage: String(storage.size) } },
    },
  };
  return storage.retention?.whenDeleted === 'Delete'
    ? owned(cluster, claim)
    : { ...claim, metadata: { ...claim.metadata, namespace: cluster.metadata.namespace } };
}
