import { group, natsClusterNames, storageVersion } from '../../resources/api';
import { type StoredObject } from '../../kubernetes/object';
import { kinds, type ResourceKind } from '../../kubernetes/resource-kind';
import { type NatsClusterStatus } from '../../resources/nats-cluster/status';
import { type Cluster } from './plan/situation';

/** NatsCluster, as the operator reads and writes it. */
export const natsClusterKind: ResourceKind = {
  group,
  version: storageVersion,
  kind: natsClusterNames.kind,
  plural: natsClusterNames.plural,
  namespaced: true,
};

/** A NatsCluster as the API server returned it: nobody has checked its spec. */
export interface StoredCluster extends StoredObject, Cluster {
  readonly metadata: Cluster['metadata'];
  readonly status?: NatsClusterStatus;
}

/** The kinds of the objects that a cluster owns beside its pods and that every API server has: they are watched. */
export const ownedKinds = [
  ...[kinds.secret, kinds.service, kinds.podDisruptionBudget, kinds.networkPolicy, kinds.claim],
] as const;

/** The kind of an object of ours. */
export function kindOf({ kind }: { readonly kind: string }): ResourceKind {
  const found = [...ownedKinds, kinds.podMonitor, kinds.pod].find((known) => known.kind === kind);
  if (!found) throw new Error(`objects of kind ${kind} are not ours`);
  return found;
}
