import { type StoredObject } from '../../../kubernetes/object';
import { natsClusterNames } from '../../../resources/api';

/** The controller that made the object; a NatsCluster that owns it counts as one, where nobody else does. */
export function ownerOf({ metadata: { ownerReferences: owners } }: StoredObject) {
  return owners?.find(({ controller }) => controller) ?? owners?.find(({ kind }) => kind === natsClusterNames.kind);
}

/** Whether `owner` made the object. */
export function isOwnedBy(object: StoredObject, owner: { readonly uid: string }): boolean {
  return ownerOf(object)?.uid === owner.uid;
}
