import { type StoredObject } from '../../../kubernetes/object';

/** The controller that made the object. */
export function ownerOf({ metadata }: StoredObject) {
  return metadata.ownerReferences?.find(({ controller }) => controller);
}

/** Whether `owner` made the object. */
export function isOwnedBy(object: StoredObject, owner: { readonly uid: string }): boolean {
  return ownerOf(object)?.uid === owner.uid;
}
