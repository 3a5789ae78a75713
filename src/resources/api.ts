/** Names under which the API server knows our resources; the only place where they are spelled. */
export const group = 'nats.io';

/** The stored version. */
export const storageVersion = 'v1beta1';

/** All served versions, newest first. `v1alpha2` is what nats-operator 0.8 served; the schema is the same. */
export const servedVersions = [storageVersion, 'v1alpha2'] as const;

export const category = 'all';

export interface ResourceNames {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
}

export const natsClusterNames = {
  kind: 'NatsCluster',
  plural: 'natsclusters',
  singular: 'natscluster',
  listKind: 'NatsClusterList',
  shortNames: ['nats'],
} as const satisfies ResourceNames;

export const natsServiceRoleNames = {
  kind: 'NatsServiceRole',
  plural: 'natsserviceroles',
  singular: 'natsservicerole',
  listKind: 'NatsServiceRoleList',
  shortNames: ['natsrole'],
} as const satisfies ResourceNames;

/** The version of nats-server that a cluster without `spec.version` runs. */
export const defaultServerVersion = '2.15.2';

/** The image, without tag, that a cluster without `spec.serverImage` runs. */
export const defaultServerImage = 'nats';

/** Longest name of a cluster: a pod is named `<cluster>-<10 characters>` and its host name has at most 63 characters. */
export const longestClusterName = 52;
