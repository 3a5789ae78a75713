// Small makers for tests: say only what a test is about.
import { memberLabel, restartHashAnnotation, routesAnnotation } from '../../../templates/names';
import { nameOf } from '../../../nats/commands';
import { decorationAnnotation, recordOf } from '../../../templates/decoration';
import { planCluster } from './plan';
import { type StoredObject } from '../../../kubernetes/object';
import { type Node, type Pod, type Server, type Situation, type Wanted } from './situation';
import { type Action, type Step } from './step';
import { survey, type View } from './survey';

/** The time of all tests, in milliseconds. */
export const noon = Date.parse('2030-06-01T12:00:00Z');

/** So many seconds before noon, as the API writes it. */
export function ago(seconds: number): string {
  return new Date(noon - seconds * 1000).toISOString();
}

export const uid = 'cluster-uid';

export function owner(of: string = uid) {
  return [{ apiVersion: 'nats.io/v1beta1', kind: 'NatsCluster', name: 'nats', uid: of, controller: true }];
}

export function aWanted(changes: Partial<Wanted> = {}): Wanted {
  const { version = '2.15.2', restartHash = version } = changes;
  return {
    size: 3,
    version,
    image: `nats:${version}`,
    clientUrl: 'nats://nats.default.svc:4222',
    selector: 'app=nats,nats_cluster=nats',
    paused: false,
    maxUnavailable: 1,
    pauseBetweenMembersSeconds: 0,
    healthTimeoutSeconds: 600,
    jetStream: false,
    streamsOf: changes.jetStream ? (changes.size === 1 ? 'one-server' : 'cluster') : undefined,
    storage: false,
    missing: [],
    objects: [],
    restartHash,
    routes: 'plain',
    routesTls: 'off',
    wholeHash: restartHash,
    pod: (ordinal, name) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'default',
        labels: { nats_cluster: 'nats', [memberLabel]: String(ordinal) },
        annotations: { [restartHashAnnotation]: restartHash, [routesAnnotation]: changes.routes ?? 'plain' },
      },
    }),
    decoration: { labels: {}, annotations: {} },
    dropClaims: false,
    ...changes,
  };
}

type PodChanges = {
  version?: string;
  node?: string;
  deleted?: string;
  readyFor?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  status?: Partial<NonNullable<Pod['status']>>;
  owner?: string;
};

/** A pod whose server serves. */
export function aReadyPod(ordinal: number, changes: PodChanges = {}, uid = `pod-${ordinal}`): Pod {
  const version = changes.version ?? '2.15.2';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `nats-${uid}`,
      namespace: 'default',
      uid,
      resourceVersion: '1',
      creationTimestamp: ago(3600),
      deletionTimestamp: changes.deleted,
      labels: { nats_cluster: 'nats', [memberLabel]: String(ordinal), ...changes.labels },
      annotations: {
        [restartHashAnnotation]: version,
        [routesAnnotation]: 'plain',
        [decorationAnnotation]: recordOf({ labels: {}, annotations: {} }),
        ...changes.annotations,
      },
      ownerReferences: owner(changes.owner),
    },
    spec: { nodeName: changes.node ?? `node-${ordinal}`, containers: [{ name: 'nats', image: `nats:${version}` }] },
    status: {
      phase: 'Running',
      podIP: `10.0.0.${ordinal}`,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(changes.readyFor ?? 3000) }],
      containerStatuses: [{ name: 'nats', state: { running: {} } }],
      ...changes.status,
    },
  };
}

/** A pod whose server runs and does not serve. */
export function anUnreadyPod(ordinal: number, changes: PodChanges = {}, uid?: string): Pod {
  const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: ago(changes.readyFor ?? 30) }];
  return aReadyPod(ordinal, { ...changes, status: { conditions, ...changes.status } }, uid);
}

/** A pod whose container does not run, for the reason that kubelet gives. */
export function aWaitingPod(ordinal: number, reason: string, changes: PodChanges = {}, uid?: string): Pod {
  const containerStatuses = [{ name: 'nats', state: { waiting: { reason } } }];
  return anUnreadyPod(ordinal, { ...changes, status: { phase: 'Pending', containerStatuses, ...changes.status } }, uid);
}

/** A node that is ready, or not since so many seconds. */
export function aNode(name: string, notReadyFor?: number): [string, Node] {
  const status = notReadyFor === undefined ? 'True' : 'Unknown';
  const conditions = [{ type: 'Ready', status, lastTransitionTime: ago(notReadyFor ?? 9000) }];
  return [name, { metadata: { name }, status: { conditions } }];
}

/** Servers of these pods that all have routes to each other. */
export function aMesh(pods: readonly Pod[]): Map<string, Server> {
  const ids = pods.map(({ metadata }) => metadata.uid);
  return new Map(
    ids.map((id) => [id, { id, version: '2.15.2', routes: new Set(ids.filter((other) => other !== id)) }]),
  );
}

/** A situation where all is well, but for what the test changes. */
export function aSituation(
  changes: Omit<Partial<Situation>, 'cluster'> & { metadata?: object; status?: object } = {},
): Situation {
  const pods = changes.pods ?? [0, 1, 2].map((ordinal) => aReadyPod(ordinal));
  const { metadata, status, ...rest } = changes;
  return {
    now: noon,
    cluster: {
      metadata: {
        name: 'nats',
        namespace: 'default',
        uid,
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: ago(7200),
        ...metadata,
      },
      status,
    },
    problems: [],
    wanted: aWanted(),
    pods,
    nodes: new Map([0, 1, 2, 3, 4, 5].map((number) => aNode(`node-${number}`))),
    objects: [],
    servers: aMesh(pods),
    ...rest,
  };
}

export function aView(changes: Parameters<typeof aSituation>[0] = {}): View {
  return survey(aSituation(changes));
}

/** An object as it is stored. */
export function aStored(kind: string, name: string, changes: object = {}): StoredObject {
  const metadata = {
    name,
    namespace: 'default',
    uid: `${kind}-${name}`,
    resourceVersion: '1',
    creationTimestamp: ago(3600),
  };
  return { apiVersion: 'v1', kind, metadata: { ...metadata, ownerReferences: owner(), ...changes } };
}

/** Actions in short: `delete pod-2`. */
export function actionsOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => step.actions.map(inShort));
}

export function sentencesOf(steps: readonly Step[]): string[] {
  return steps.map(({ because }) => because);
}

export function planned(changes: Parameters<typeof aSituation>[0]): string[] {
  return actionsOf(planCluster(aSituation(changes)).steps);
}

function inShort(action: Action): string {
  if (action.do === 'command') return `${nameOf(action.command)} at ${action.object.metadata.uid}`;
  const { metadata, kind } = action.object as {
    kind?: string;
    metadata: { name: string; uid?: string; labels?: Record<string, string> };
  };
  if (action.do === 'create') return `create member ${metadata.labels?.[memberLabel] ?? '?'}`;
  return `${action.do} ${metadata.uid?.startsWith('pod-') ? metadata.uid : `${kind ?? ''} ${metadata.name}`}`;
}
