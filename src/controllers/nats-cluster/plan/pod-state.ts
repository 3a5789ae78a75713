import { serverContainer } from '../../../templates/names';
import { type Condition, type Instant, type Node, type Pod, type Situation } from './situation';

/** A node that is not ready for so long does not come back in a moment: its pods are counted as lost. */
const lostAfterSeconds = 20;

/** A pod that should have been gone for so long hangs: its kubelet does not get rid of it. */
const overdueAfterSeconds = 60;

/** A pod that ended when it was younger than this is likely to end again at once: its node refused it, or is out of something. */
const youngSeconds = 10;

/** Taint by which an administrator vouches that a node is off (https://k8s.io/docs/concepts/cluster-administration/node-shutdown). */
const outOfService = 'node.kubernetes.io/out-of-service';

type Nodes = Situation['nodes'];

export type PodState =
  /** The server serves. */
  | 'ready'
  /** The server runs and does not serve. */
  | 'unready'
  /** The server does not run, for now: not scheduled, pulling, waiting to be restarted. */
  | 'starting'
  /** Asked to go and on its way. */
  | 'leaving'
  /** Its node does not answer, or it hangs while leaving: it may still run, nobody can tell. */
  | 'lost'
  /** Its node is gone for good, and so is the server; only the object is left. */
  | 'stranded'
  /** Ended, and never to be started again: failed or evicted. */
  | 'ended';

/** In which state a pod is, and seconds after which it changes by itself where time alone decides. */
export interface JudgedPod {
  readonly state: PodState;
  readonly again?: number;
}

/** Judges a pod by what the API shows of it and of its node. */
export function judgePod(pod: Pod, nodes: Nodes, now: Instant): JudgedPod {
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return { state: 'ended' };
  const node = judgeNode(pod, nodes, now);
  if (node.state) return { state: node.state };
  if (pod.metadata.deletionTimestamp) {
    const overdueIn = Date.parse(pod.metadata.deletionTimestamp) + overdueAfterSeconds * 1000 - now;
    const again = Math.min(overdueIn / 1000, node.again ?? Infinity);
    return overdueIn <= 0 ? { state: 'lost' } : { state: 'leaving', again };
  }
  const ready = readyCondition(pod)?.status === 'True' && !node.missing;
  return { state: ready ? 'ready' : serverRuns(pod) ? 'unready' : 'starting', again: node.again };
}

/** Seconds for which a pod that ended young is not replaced, so that one that ends always is not made again all the time. */
export function pauseAfterEnd(pod: Pod, now: Instant): number {
  return Date.parse(pod.metadata.creationTimestamp) / 1000 + youngSeconds - now / 1000;
}

/** Why a pod is lost or stranded, as the end of a sentence. */
export function whyLost(pod: Pod, nodes: Nodes): string {
  const name = pod.spec.nodeName ?? '';
  const node = nodes?.get(name);
  if (nodes && !node) return `node ${name} is gone`;
  if (node && isOutOfService(node)) return `node ${name} is out of service`;
  if (node && conditionOf(node.status?.conditions, 'Ready')?.status !== 'True') return `node ${name} is not ready`;
  return `pod ${pod.metadata.name} hangs while it stops`;
}

/**
 * Whether the node of a pod is known to run it: of a node that does not answer nobody gets rid of a pod, and it may be back. To an
 * operator that may not read nodes it shows on the pod.
 */
export function hasNode(pod: Pod, nodes: Nodes): boolean {
  const { nodeName } = pod.spec;
  if (nodeName === undefined) return true;
  if (!nodes) return !isGivenUp(pod);
  return conditionOf(nodes.get(nodeName)?.status?.conditions, 'Ready')?.status === 'True';
}

/**
 * Whether the control plane, for a node that does not answer, took back that a pod is ready, and nothing else of what the kubelet
 * said last: that its containers are (Kubernetes pkg/controller/util/node, MarkPodsNotReady). A kubelet says that only of
 * readiness gates.
 */
function isGivenUp(pod: Pod): boolean {
  const ready = readyCondition(pod);
  const containers = conditionOf(pod.status?.conditions, 'ContainersReady');
  return ready?.status === 'False' && containers?.status === 'True' && ready.reason !== 'ReadinessGatesNotReady';
}

/** Since when a ready pod is ready. */
export function readySince(pod: Pod): Instant {
  return Date.parse(readyCondition(pod)?.lastTransitionTime ?? pod.metadata.creationTimestamp);
}

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

function readyCondition(pod: Pod): Condition | undefined {
  return conditionOf(pod.status?.conditions, 'Ready');
}

function serverRuns(pod: Pod): boolean {
  return serverOf(pod)?.state?.running !== undefined;
}

/** How often the server was started again in this pod. */
export function restartsOf(pod: Pod): number {
  return serverOf(pod)?.restartCount ?? 0;
}

/** Whether the server has run before: one that was interrupted is back in a moment. */
export function hasRun(pod: Pod): boolean {
  const { restartCount = 0, state, lastState } = serverOf(pod) ?? {};
  return restartCount > 0 || Boolean(state?.running ?? state?.terminated ?? lastState?.terminated);
}

/**
 * Whether the server may have served before. One that never did is not ready since its kubelet took the pod, which is no later
 * than since its init containers ended.
 */
export function hasServed({ status }: Pod): boolean {
  const ready = conditionOf(status?.conditions, 'Ready');
  const initialized = conditionOf(status?.conditions, 'Initialized');
  if (!ready || ready.status === 'True') return ready !== undefined;
  if (initialized?.status !== 'True') return initialized === undefined;
  return Date.parse(ready.lastTransitionTime ?? '') > Date.parse(initialized.lastTransitionTime ?? '');
}

/** Whether the server that runs has served, and does so no more: one that was started anew since is on its way. */
export function stoppedServing(pod: Pod): boolean {
  const ready = readyCondition(pod);
  const started = Date.parse(serverOf(pod)?.state?.running?.startedAt ?? '');
  return ready?.status === 'False' && Date.parse(ready.lastTransitionTime ?? '') > started;
}

/** Whether the server ends each time that it is started. */
export function keepsEnding(pod: Pod): boolean {
  return serverOf(pod)?.state?.waiting?.reason === 'CrashLoopBackOff';
}

/** What the server said last before it ended; empty where it did not end, or its pod does not keep it. */
export function lastWords(pod: Pod): string {
  const { state, lastState } = serverOf(pod) ?? {};
  return state?.terminated?.message ?? lastState?.terminated?.message ?? '';
}

function serverOf(pod: Pod) {
  return pod.status?.containerStatuses?.find(({ name }) => name === serverContainer);
}

function judgeNode(
  pod: Pod,
  nodes: Nodes,
  now: Instant,
): { state?: 'lost' | 'stranded'; again?: number; missing?: boolean } {
  if (!pod.spec.nodeName || !nodes) return {};
  const node = nodes.get(pod.spec.nodeName);
  const ready = conditionOf(node?.status?.conditions, 'Ready');
  // as the pod garbage collector has it: a node that answers runs its pods, whatever its taints say
  if (node && isOutOfService(node) && ready?.status !== 'True') return { state: 'stranded' };
  if (node && ready?.status !== 'False' && ready?.status !== 'Unknown') return {};
  // A node that was added a moment ago may be known to the scheduler and not yet to us: it gets the same patience.
  const since =
    ready?.lastTransitionTime ??
    conditionOf(pod.status?.conditions, 'PodScheduled')?.lastTransitionTime ??
    pod.metadata.creationTimestamp;
  const lostIn = Date.parse(since) + lostAfterSeconds * 1000 - now;
  // until then nobody vouches for what its pods said last
  if (lostIn > 0) return { again: lostIn / 1000, missing: !node };
  return { state: node ? 'lost' : 'stranded' };
}

/** Whether a node, or that there is none, is as it was. */
export function isSameNode(a: Node | undefined, b: Node | undefined): boolean {
  if (!a || !b) return a === b;
  const [one, other] = [a, b].map((node) => conditionOf(node.status?.conditions, 'Ready'));
  return (
    one?.status === other?.status &&
    one?.lastTransitionTime === other?.lastTransitionTime &&
    isOutOfService(a) === isOutOfService(b)
  );
}

/** Whether an administrator vouches that the node is off. */
function isOutOfService(node: Node): boolean {
  return node.spec?.taints?.some(({ key }) => key === outOfService) ?? false;
}
