import { recordOf } from '../../../templates/decoration';
import { memberLabel, restartHashAnnotation, routesAnnotation, streamsOfAnnotation } from '../../../templates/names';
import { decorationAnnotation } from '../../../templates/decoration';
import { type NewObject, type StoredObject } from '../../../kubernetes/object';
import { type Pod, type Wanted } from '../plan/situation';
import { type NatsClusterStatus } from '../../../resources/nats-cluster/status';
import { type Metadata } from '../../../resources/metadata';

/** As much of a spec as the plan can tell apart. */
export interface Spec {
  readonly size: number;
  readonly version: '1.0.4' | '2.10.29' | '2.15.2' | 'no such image' | 'never ready';
  readonly maxUnavailable: number;
  readonly pauseBetweenMembersSeconds: number;
  readonly paused: boolean;
  readonly invalid: boolean;
  readonly tls: boolean;
  readonly budget: boolean;
  /** Whether members own data; it stays so while the cluster lives. */
  readonly storage: boolean;
  /** Whether members run JetStream; it stays so while the cluster lives, with three members or more. */
  readonly jetStream: boolean;
  readonly team: string;
}

export interface Cluster extends StoredObject {
  readonly metadata: Metadata;
  readonly spec: Spec;
  readonly status?: NatsClusterStatus;
}

export interface ConfigSecret extends StoredObject {
  readonly data: { readonly conf: string };
}

export const clusterName = 'nats';
export const userSecret = 'nats-tls';
export const finalizer = 'nats.io/operator';

const namespace = 'default';
const needsConfig = 'needs-config';

/** What templates make of a spec, in small. */
export function wantedOf({ metadata, spec }: Cluster, secrets: readonly StoredObject[]): Wanted | undefined {
  if (spec.invalid) return undefined;
  const restartHash = `${spec.version} ${spec.tls ? 'with' : 'without'} TLS`;
  const ownerReferences = [
    { apiVersion: 'nats.io/v1beta1', kind: 'NatsCluster', name: clusterName, uid: metadata.uid, controller: true },
  ];
  const own = (apiVersion: string, kind: string, name: string, rest: object): NewObject => {
    const labels = { nats_cluster: clusterName };
    return {
      apiVersion,
      kind,
      metadata: { name, namespace, labels, ownerReferences } as NewObject['metadata'],
      ...rest,
    };
  };
  const conf = configOf(spec);
  const decoration = { labels: { team: spec.team }, annotations: {} };
  const missing = spec.tls && !secrets.some(({ metadata: { name } }) => name === userSecret);
  return {
    size: spec.size,
    version: spec.version,
    image: `nats:${spec.version}`,
    clientUrl: 'nats://nats',
    selector: 'app=nats,nats_cluster=nats',
    paused: spec.paused,
    maxUnavailable: spec.jetStream ? 1 : spec.maxUnavailable,
    pauseBetweenMembersSeconds: spec.pauseBetweenMembersSeconds,
    healthTimeoutSeconds: 20,
    jetStream: spec.jetStream,
    streamsOf: spec.jetStream ? 'cluster' : undefined,
    access: spec.jetStream ? { credentials: [] } : undefined,
    storage: spec.storage,
    missing: missing ? [{ secret: userSecret, field: 'spec.tls.serverSecret' }] : [],
    objects: missing
      ? []
      : [
          own('v1', 'Secret', clusterName, { data: { conf } }),
          own('v1', 'Service', clusterName, { spec: { selector: { nats_cluster: clusterName } } }),
          ...(spec.budget ? [own('policy/v1', 'PodDisruptionBudget', clusterName, { spec: { minAvailable: 1 } })] : []),
        ],
    restartHash,
    routes: routesOf(spec),
    routesTls: 'off',
    wholeHash: restartHash,
    dropClaims: false,
    decoration,
    pod: (ordinal, name) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        labels: { nats_cluster: clusterName, [memberLabel]: String(ordinal), team: spec.team },
        annotations: {
          [restartHashAnnotation]: restartHash,
          [routesAnnotation]: routesOf(spec),
          [decorationAnnotation]: recordOf(decoration),
          [needsConfig]: conf,
          ...(spec.jetStream && { [streamsOfAnnotation]: 'cluster' }),
        },
        ownerReferences,
      } as NewObject['metadata'],
      spec: { containers: [{ name: 'nats', image: `nats:${spec.version}` }], tls: spec.tls },
    }),
  };
}

/** The content of the config secret. Like nats.conf it names all members. */
export function configOf({ size, tls }: Spec): string {
  return `${size} members ${tls ? 'with' : 'without'} TLS`;
}

/** Servers with TLS for their routes and those without refuse each other. */
function routesOf({ tls }: Spec): string {
  return tls ? 'TLS' : 'plain';
}

/** The config that must have been written before this pod. */
export function neededConfig(pod: NewObject | Pod): string | undefined {
  return (pod.metadata as Partial<Pod['metadata']>).annotations?.[needsConfig];
}

export function ordinalOf(pod: NewObject | Pod): number {
  return Number((pod.metadata as Partial<Pod['metadata']>).labels?.[memberLabel]);
}
