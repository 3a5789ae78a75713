/** Metadata of an object as the API server returns it. */
export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** An object as the API server returns it: raw JSON, so that fields which we don't know survive. Never change one. */
export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
}

/**
 * An object to write; the API server fills in the rest of its metadata. With a `resourceVersion` the write fails with a
 * conflict where the object has changed since or is another one.
 */
export interface NewObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string };
}

/** Names an object within its kind. */
export interface Key {
  readonly namespace?: string;
  readonly name: string;
}

/** `namespace/name`, or `name` where the kind has no namespaces. */
export function keyText({ namespace, name }: Key): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** The key that `keyText` wrote. Names hold no slash. */
export function parseKey(text: string): Key {
  const slash = text.indexOf('/');
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}
