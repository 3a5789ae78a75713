import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';

/** An object as a template writes it. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
}

/** The object in the cluster's namespace, with the cluster as its owner: it goes when the cluster goes. */
export function owned<T extends Rendered>(cluster: Pick<NatsCluster, 'apiVersion' | 'kind' | 'metadata'>, object: T) {
  const { apiVersion, kind, metadata } = cluster;
  const { name, uid, namespace } = metadata;
  const owner = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
  return { ...object, metadata: { ...object.metadata, namespace, ownerReferences: [owner] } };
}
