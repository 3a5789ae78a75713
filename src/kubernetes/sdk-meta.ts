import { ResourceMetaImpl, type ResourceMeta } from '@dot-i/k8s-operator';
import { type KubernetesObject } from '@kubernetes/client-node';
import { type StoredObject } from './object';
import { type ResourceKind } from './resource-kind';

/** The id under which the SDK knows a kind. */
export function idOf({ plural, group, version }: ResourceKind): string {
  return `${plural}.${group}/${version}`;
}

/** The kind of an object by the id that `idOf` wrote. */
export function kindOf({ id, kind, apiVersion, namespace }: ResourceMeta): ResourceKind {
  const plural = id.slice(0, id.indexOf('.')); // there is no dot in it
  const slash = apiVersion.indexOf('/');
  const [group, version] = [apiVersion.slice(0, Math.max(0, slash)), apiVersion.slice(slash + 1)];
  return { group, version, kind, plural, namespaced: namespace !== undefined };
}

/** Which object is meant, in the SDK's terms. */
export function metaOf(id: string, object: StoredObject): ResourceMeta {
  return ResourceMetaImpl.createWithId(id, object as unknown as KubernetesObject);
}
