import { configFile, passwordKeys, rotatedAnnotation, type SystemPassword } from '../../../templates/config-secret';
import { decorationAnnotation, recordOf } from '../../../templates/decoration';
import {
  awayFromAnnotation,
  configAnnotation,
  memberLabel,
  restartHashAnnotation,
  routesAnnotation,
  streamsOfAnnotation,
} from '../../../templates/names';
import { requestAnnotations, requestsOf } from '../../../resources/nats-cluster/requests';
import { type NewObject, type StoredObject } from '../../../kubernetes/object';
import { type Pod, type Wanted } from '../plan/situation';
import { type NatsClusterStatus } from '../../../resources/nats-cluster/status';
import { type Metadata } from '../../../resources/metadata';
import { type StreamsOf } from '../../../templates/nats-conf/jetstream';
import { claimFor } from './claims';
import { confOf, type Setting } from './conf';

/** As much of a spec as the plan can tell apart. */
export interface Spec {
  readonly size: number;
  readonly version: '1.0.4' | '2.10.29' | '2.15.2' | 'no such image' | 'never ready';
  readonly maxUnavailable: number;
  readonly pauseBetweenMembersSeconds: number;
  readonly paused: boolean;
  readonly invalid: boolean;
  readonly tls: boolean;
  /** A part of the config that servers can take over while they run, if they take it at all. */
  readonly setting: Setting;
  readonly budget: boolean;
  /** Whether members own data; it stays so while the cluster lives. */
  readonly storage: boolean;
  /** Whether members run JetStream; it stays so while the cluster lives, with three members or more. */
  readonly jetStream: boolean;
  /** With JetStream: whether gateways join it to other clusters, none of which is up here. */
  readonly superCluster: boolean;
  /** With JetStream: the size of the claims; a claim never shrinks. */
  readonly volume: '1Gi' | '2Gi';
  readonly team: string;
}

export interface Cluster extends StoredObject {
  readonly metadata: Metadata;
  readonly spec: Spec;
  readonly status?: NatsClusterStatus;
}

export interface ConfigSecret extends StoredObject {
  readonly data: Readonly<Record<string, string>>;
}

/** A secret of the user. */
export interface UserSecret extends StoredObject {
  /** Serial number of the certificate. */
  readonly data: { readonly serial: string };
}

export const clusterName = 'nats';
/** The headless service of nats-operator 0.8. */
export const managementService = 'nats-mgmt';
export const userSecret = 'nats-tls';
export const finalizer = 'nats.io/operator';

const namespace = 'default';
const needsConfig = 'needs-config';

/** What beside the spec a config is made from. */
export interface Made {
  readonly secrets: readonly StoredObject[];
  readonly password?: SystemPassword;
  /** Whether pods of nats-operator 0.8 are still there. */
  readonly besideOld?: boolean;
}

const known = new WeakMap<Spec, Map<string, Wanted | undefined>>();

/** What templates make of a spec, in small. The same objects for the same spec, as long as it is the newest one. */
export function wantedOf(cluster: Cluster, made: Made): Wanted | undefined {
  const { restart, awayFrom, paused } = requestsOf(cluster.metadata);
  const { now, before, rotation } = made.password ?? {};
  const key = [cluster.metadata.uid, restart, awayFrom, paused, now, before, rotation, made.besideOld, serialOf(made)];
  const text = key.join();
  const variants = known.get(cluster.spec) ?? new Map<string, Wanted | undefined>();
  known.set(cluster.spec, variants);
  if (!variants.has(text)) variants.set(text, render(cluster, made));
  return variants.get(text);
}

function render({ metadata, spec }: Cluster, made: Made): Wanted | undefined {
  if (spec.invalid) return undefined;
  const ownerReferences = [ownerReference(metadata.uid)];
  const own = (apiVersion: string, kind: string, name: string, rest: object, annotations?: object): NewObject => {
    const labels = { nats_cluster: clusterName };
    return {
      apiVersion,
      kind,
      metadata: { name, namespace, labels, ownerReferences, ...(annotations && { annotations }) },
      ...rest,
    } as NewObject;
  };
  const { password, besideOld = false } = made;
  const serial = spec.tls ? serialOf(made) : undefined;
  const reloads = canReload(spec.version);
  const conf = confOf(spec, { serial, password: reloads ? password?.now : undefined, besideOld });
  const decoration = { labels: { team: spec.team }, annotations: {} };
  const missing = spec.tls && serial === undefined;
  const requests = requestsOf(metadata);
  const hash = reloads ? restartHash(spec) : wholeHash(spec);
  const service = { spec: { selector: { nats_cluster: clusterName } } };
  return {
    size: spec.size,
    version: spec.version,
    image: `nats:${spec.version}`,
    clientUrl: 'nats://nats',
    selector: 'app=nats,nats_cluster=nats',
    paused: spec.paused || requests.paused,
    maxUnavailable: spec.jetStream ? 1 : spec.maxUnavailable,
    pauseBetweenMembersSeconds: spec.pauseBetweenMembersSeconds,
    healthTimeoutSeconds: 60,
    jetStream: spec.jetStream,
    streamsOf: streamsOf(spec),
    access: reloads && password ? { credentials: credentialsOf(password) } : undefined,
    storage: spec.storage,
    missing: missing ? [{ secret: userSecret, field: 'spec.tls.serverSecret' }] : [],
    objects: missing
      ? []
      : [
          own(
            'v1',
            'Secret',
            clusterName,
            { data: dataOf(conf.text, reloads ? password : undefined) },
            rotated(password),
          ),
          own('v1', 'Service', clusterName, service),
          ...(besideOld ? [own('v1', 'Service', managementService, service)] : []),
          ...(spec.budget ? [own('policy/v1', 'PodDisruptionBudget', clusterName, { spec: budgetOf(spec) })] : []),
        ],
    restartHash: hash,
    routes: routesOf(spec),
    routesTls: 'off',
    wholeHash: wholeHash(spec),
    config: conf.id,
    serial,
    claim: !spec.jetStream ? undefined : (ordinal) => claimFor(ordinal, streamsOf(spec) ?? 'cluster', spec.volume),
    dropClaims: spec.jetStream,
    decoration,
    pod: (ordinal, name) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        labels: { nats_cluster: clusterName, [memberLabel]: String(ordinal), team: spec.team },
        annotations: {
          [restartHashAnnotation]: hash,
          [routesAnnotation]: routesOf(spec),
          [decorationAnnotation]: recordOf(decoration),
          [needsConfig]: conf.text,
          ...(conf.id && { [configAnnotation]: conf.id }),
          ...(spec.jetStream && { [streamsOfAnnotation]: streamsOf(spec) }),
          ...(requests.restart && { [requestAnnotations.restart]: requests.restart }),
          ...(requests.awayFrom.length > 0 && { [awayFromAnnotation]: requests.awayFrom.join() }),
        },
        ownerReferences,
      } as NewObject['metadata'],
      spec: { containers: [{ name: 'nats', image: `nats:${spec.version}` }], tls: spec.tls },
    }),
  };
}

export function ownerReference(uid: string) {
  return { apiVersion: 'nats.io/v1beta1', kind: 'NatsCluster', name: clusterName, uid, controller: true };
}

/** Servers of 1.x have no system account to be asked in. */
export function canReload(version: string): boolean {
  return version !== '1.0.4';
}

/** With JetStream one at a time; the operator closes it while that would be too many. */
function budgetOf({ jetStream }: Spec) {
  return jetStream ? { maxUnavailable: 1 } : { minAvailable: 1 };
}

function restartHash(spec: Spec): string {
  return `${spec.version} ${spec.tls ? 'with' : 'without'} TLS${streamsOf(spec) === 'super-cluster' ? ', joined' : ''}`;
}

function streamsOf({ jetStream, superCluster }: Spec): StreamsOf | undefined {
  if (!jetStream) return undefined;
  return superCluster ? 'super-cluster' : 'cluster';
}

function wholeHash(spec: Spec): string {
  return `${restartHash(spec)}, ${spec.setting}`;
}

function serialOf({ secrets }: Made): string | undefined {
  const secret = secrets.find(({ metadata: { name } }) => name === userSecret) as UserSecret | undefined;
  return secret?.data.serial;
}

function credentialsOf({ now, before }: SystemPassword) {
  return [now, ...(before === undefined ? [] : [before])].map((password) => ({ user: 'operator', password }));
}

function dataOf(text: string, password?: SystemPassword) {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const conf = { [configFile]: base64(text) };
  if (!password) return conf;
  const { now, before } = password;
  return { ...conf, [passwordKeys.now]: base64(now), ...(before && { [passwordKeys.before]: base64(before) }) };
}

function rotated(password?: SystemPassword) {
  return password?.rotation === undefined ? undefined : { [rotatedAnnotation]: password.rotation };
}

/** Servers with TLS for their routes and those without refuse each other. */
function routesOf({ tls }: Pick<Spec, 'tls'>): string {
  return tls ? 'TLS' : 'plain';
}

/** The config that must have been written before this pod. */
export function neededConfig(pod: NewObject | Pod): string | undefined {
  return (pod.metadata as Partial<Pod['metadata']>).annotations?.[needsConfig];
}

export function ordinalOf(pod: NewObject | StoredObject): number {
  return Number((pod.metadata as Partial<Pod['metadata']>).labels?.[memberLabel]);
}
