import { type Key } from './object';

/** A kind of objects and where the API server has them. */
export interface ResourceKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

function core(kind: string, plural: string, namespaced = true): ResourceKind {
  return { group: '', version: 'v1', kind, plural, namespaced };
}

/** The kinds that the operator works with; all but PodMonitor are built in. */
export const kinds = {
  pod: core('Pod', 'pods'),
  service: core('Service', 'services'),
  secret: core('Secret', 'secrets'),
  configMap: core('ConfigMap', 'configmaps'),
  serviceAccount: core('ServiceAccount', 'serviceaccounts'),
  event: core('Event', 'events'),
  node: core('Node', 'nodes', false),
  claim: core('PersistentVolumeClaim', 'persistentvolumeclaims'),
  volume: core('PersistentVolume', 'persistentvolumes', false),
  storageClass: {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'StorageClass',
    plural: 'storageclasses',
    namespaced: false,
  },
  podDisruptionBudget: {
    group: 'policy',
    version: 'v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    namespaced: true,
  },
  networkPolicy: {
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    namespaced: true,
  },
  podMonitor: {
    group: 'monitoring.coreos.com',
    version: 'v1',
    kind: 'PodMonitor',
    plural: 'podmonitors',
    namespaced: true,
  },
  lease: { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', namespaced: true },
  customResourceDefinition: {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
} as const satisfies Record<string, ResourceKind>;

/** `group/version`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: ResourceKind): string {
  return group ? `${group}/${version}` : version;
}

/** Path of a collection, of all namespaces where none is given. */
export function collectionPath(kind: ResourceKind, namespace?: string): string {
  const root = kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`;
  const scope = kind.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${kind.plural}`;
}

/** Path of an object, or of a subresource of it. Throws where a namespaced kind is named without a namespace. */
export function objectPath(kind: ResourceKind, { namespace, name }: Key, subresource?: string): string {
  if (kind.namespaced && !namespace) throw new Error(`${kind.kind} ${name} without a namespace`);
  const path = `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
  return subresource ? `${path}/${subresource}` : path;
}
