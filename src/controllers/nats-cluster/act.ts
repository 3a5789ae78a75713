import { isDeepStrictEqual } from 'node:util';
import { requestsOf } from '../../resources/nats-cluster/requests';
import { type Command } from '../../nats/commands';
import { type SystemAccess } from '../../nats/system-client';
import { deniedAnnotation, recordOfDenied, recordOfGranted, type Denied } from './plan/denied';
import { type Plan } from './plan/plan';
import { type NewObject, type StoredObject } from '../../kubernetes/object';
import { type Node, type Pod } from './plan/situation';
import { type Action, type Changes } from './plan/step';
import { isSameNode } from './plan/pod-state';

/** What acting needs of the API server. Reads are live, never from a cache. */
export interface Api {
  /** All pods with the cluster's label. */
  pods(cluster: ClusterName): Promise<readonly Pod[]>;
  cluster(cluster: ClusterName): Promise<LiveCluster | undefined>;
  node(name: string): Promise<Node | undefined>;
  /** An object as it is now. */
  object(object: StoredObject): Promise<StoredObject | undefined>;
  /** Server-side apply, to exactly the version that the object names. Without one it makes the object, and fails where the name exists. */
  apply(object: NewObject): Promise<void>;
  /** Fails where the name exists. */
  create(object: NewObject): Promise<void>;
  /** Fails where the object is not exactly this one: uid and resourceVersion are preconditions. */
  relabel(object: StoredObject, labels: Changes, annotations: Changes): Promise<void>;
  /** As `relabel`; with `graceSeconds` 0 without waiting for a kubelet. */
  delete(object: StoredObject, options?: { readonly graceSeconds: 0 }): Promise<void>;
  /** Asks the server of a pod for something, as the operator's user in the system account. Returns why where it is denied. */
  command(pod: Pod, command: Command, access: SystemAccess): Promise<Denied | undefined>;
  /** Whether an error means that the world is not as it was seen: conflict, already exists, not found. */
  isStale(error: Error): boolean;
}

interface ClusterName {
  readonly namespace: string;
  readonly name: string;
}

interface LiveCluster {
  readonly metadata: {
    readonly uid: string;
    readonly generation: number;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** Whether all was done, or the evidence had changed since it was looked at: then nothing or only a part was done. */
export type Outcome = 'done' | 'stale';

/** Kinds without whose objects a pod can't start. */
const podsNeed = ['Secret', 'PersistentVolumeClaim'];

/**
 * Does what the plan says, without judgement of its own: before pods are made or deleted it is checked that what the plan
 * was made from still holds. Objects are written before the pods that need them; one that is refused and that they don't
 * need keeps no pod from being made. Throws what the API server refuses.
 */
export async function act(api: Api, plan: Plan): Promise<Outcome> {
  const actions = plan.steps.flatMap((step) => step.actions);
  const objects = actions.filter((action) => action.do === 'apply');
  const others = actions.filter((action) => action.do !== 'apply');
  const needed = objects.filter(({ object }) => podsNeed.includes(object.kind));
  const [first, second] = await Promise.allSettled([
    performAll(api, plan, needed),
    performAll(
      api,
      plan,
      objects.filter((action) => !needed.includes(action)),
    ),
  ]);
  if (first.status === 'rejected') throw first.reason;
  const outcome =
    first.value === 'stale' || fulfilled(second) === 'stale' ? 'stale' : await actOnPods(api, plan, objects, others);
  if (second.status === 'rejected') throw second.reason;
  return outcome;
}

function fulfilled<T>(result: PromiseSettledResult<T>): T | undefined {
  return result.status === 'fulfilled' ? result.value : undefined;
}

async function actOnPods(
  api: Api,
  plan: Plan,
  objects: readonly Action[],
  others: readonly Action[],
): Promise<Outcome> {
  if (others.length === 0) return 'done';
  // The list of pods costs the more the more there are in the namespace. The first pods of a cluster whose objects were just
  // made need none: whoever makes them from nothing gives them the same names, and a name exists only once.
  const isBeginning = objects.length > 0 && wasNeverSeen(plan.view) && others.every((action) => action.do === 'create');
  if (!isBeginning && !(await stillHolds(api, plan, others))) return 'stale';
  if (others.some((action) => action.do === 'create') && !(await isConfigAsSeen(api, plan, objects))) return 'stale';
  return performAll(api, plan, others);
}

/** A pod reads its config when it starts: where the plan did not write it, it must still be what the plan saw. */
async function isConfigAsSeen(api: Api, { view }: Plan, applied: readonly Action[]): Promise<boolean> {
  const isApplied = ({ kind, metadata: { name } }: StoredObject) =>
    applied.some(({ object }) => object.kind === kind && object.metadata.name === name);
  const seen = view.objects.filter((object) => object.kind === 'Secret' && !isApplied(object));
  const now = await Promise.all(seen.map((object) => api.object(object)));
  return seen.every(({ metadata }, index) => now[index]?.metadata.resourceVersion === metadata.resourceVersion);
}

async function stillHolds(api: Api, { view }: Plan, actions: readonly Action[]): Promise<boolean> {
  const { metadata } = view.cluster;
  const destroys = actions.some(isDestructive);
  const nodes = new Set([
    ...actions.flatMap((action) => ('nodes' in action ? (action.nodes ?? []) : [])),
    ...(destroys ? view.pods.flatMap(({ spec }) => spec.nodeName ?? []) : []),
  ]);
  const [pods, cluster, ...same] = await Promise.all([
    api.pods(metadata),
    destroys ? api.cluster(metadata) : undefined,
    // where the operator may not look at nodes, no judgement was made from them
    ...[...(view.nodes ? nodes : [])].map(async (name) => isSameNode(await api.node(name), view.nodes?.get(name))),
  ]);
  if (same.includes(false)) return false;
  if (!destroys) return isSame(pods.map(identity), view.pods.map(identity));
  const sameSpec =
    cluster?.metadata.uid === metadata.uid &&
    cluster.metadata.generation === metadata.generation &&
    cluster.metadata.deletionTimestamp === metadata.deletionTimestamp &&
    isDeepStrictEqual(requestsOf(cluster.metadata), requestsOf(metadata));
  return sameSpec && isSame(pods.map(revision), view.pods.map(revision));
}

/** What can't be taken back. To read a config again never hurts: what is refused leaves a server as it is. */
function isDestructive(action: Action): boolean {
  if (action.do === 'command') return action.command.kind !== 'reload';
  return action.do === 'delete' || action.do === 'forget';
}

/** Whether no member was ever seen. */
function wasNeverSeen({ pods, cluster }: Plan['view']): boolean {
  return pods.length === 0 && !cluster.status?.members?.length;
}

/** Who a pod is, and whether it is to go. */
function identity({ metadata }: Pod): string {
  return `${metadata.uid} ${metadata.deletionTimestamp === undefined ? 'stays' : 'goes'}`;
}

function revision({ metadata }: Pod): string {
  return `${metadata.uid} ${metadata.resourceVersion}`;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  const known = new Set(b);
  return a.length === known.size && a.every((entry) => known.has(entry));
}

/** All at once; returns when each has ended, so that nothing is under way after a failure. */
async function performAll(api: Api, plan: Plan, actions: readonly Action[]): Promise<Outcome> {
  const results = await Promise.allSettled(actions.map((action) => perform(api, plan, action)));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  const failure = failures.find((error) => !api.isStale(error));
  if (failure) throw failure;
  return failures.length > 0 ? 'stale' : 'done';
}

function perform(api: Api, plan: Plan, action: Action): Promise<void> {
  switch (action.do) {
    case 'apply':
      return api.apply(action.object);
    case 'create':
      return api.create(action.object);
    case 'relabel':
      return api.relabel(action.object, action.labels, action.annotations);
    case 'delete':
      return api.delete(action.object);
    case 'forget':
      return api.delete(action.object, { graceSeconds: 0 });
    case 'command':
      return command(api, plan, action);
  }
}

/** What is denied is no failure of the operator: it is kept on the pod, and plans judge what it means. */
async function command(
  api: Api,
  { view: { wanted } }: Plan,
  { object: pod, command, note = {} }: Extract<Action, { do: 'command' }>,
): Promise<void> {
  const denied: Denied | undefined = wanted?.access
    ? await api.command(pod, command, wanted.access)
    : { denial: 'unknown-user', words: 'the operator has no user in the system account' };
  const before = pod.metadata.annotations?.[deniedAnnotation];
  const record = denied ? recordOfDenied(command, denied, before) : recordOfGranted(command, before);
  const annotations = { ...note, ...(record !== before && { [deniedAnnotation]: record ?? null }) };
  if (Object.keys(annotations).length > 0) await api.relabel(pod, {}, annotations);
}
