import { restartHashAnnotation, routesAnnotation } from '../../../templates/names';
import { oneByOneAnnotation } from '../plan/end-cluster';
import { type Command } from '../../../nats/commands';
import { isOwnedBy } from '../plan/owner';
import { readySince } from '../plan/pod-state';
import { type StoredObject } from '../../../kubernetes/object';
import { type Pod } from '../plan/situation';
import { clusterName, configOf, neededConfig, ordinalOf, wantedOf, type ConfigSecret } from './model';
import { readyOf, type World } from './world';

/** Something that must never happen. */
export class Violation extends Error {}

/** Lost members may be doubled: since so long not ready, or so long overdue. */
const lostAfterSeconds = 20;
const overdueSeconds = 60;

/** Nothing of somebody else is touched. */
export function judgeOwn({ cluster }: World, pod: StoredObject): void {
  if (!cluster || !isOwnedBy(pod, cluster.metadata)) throw new Violation(`${pod.metadata.name} is not ours`);
}

/** A pod is made after its config, and never beside a pod of the same member that may surely run. */
export function judgeCreate(world: World, pod: Pod, configsWritten: ReadonlySet<string>): void {
  const config = neededConfig(pod) ?? '';
  if (!configsWritten.has(config)) throw new Violation(`a pod needs a config that was never written: ${config}`);
  const secret = world.log.get('objects', `Secret/${clusterName}`) as ConfigSecret | undefined;
  if (secret && secret.data.conf !== config) {
    throw new Violation(`a pod needs the config ${config} and would read ${secret.data.conf}`);
  }
  const { cluster } = world;
  if (!cluster || !isOwnedBy(pod, cluster.metadata)) return; // collected as garbage
  const mayRun = (other: Pod) => (cluster.spec.storage ? other.status?.phase !== 'Failed' : !isLost(world, other));
  const twin = world.ownPods.find((other) => ordinalOf(other) === ordinalOf(pod) && mayRun(other));
  if (twin) throw new Violation(`member ${ordinalOf(pod)} has the pod ${twin.metadata.name} already`);
}

/** Beside the pods only what is ours and no longer wanted is deleted. */
export function judgeRemove({ cluster, log }: World, object: StoredObject): void {
  const what = `${object.kind} ${object.metadata.name}`;
  if (!cluster || !isOwnedBy(object, cluster.metadata)) throw new Violation(`${what} is not ours`);
  if (cluster.metadata.deletionTimestamp) return;
  const wanted = wantedOf(cluster, log.all('secrets'));
  if (!wanted || cluster.spec.paused) throw new Violation(`${what} was deleted although the spec is paused or invalid`);
  if (wanted.objects.some(({ kind }) => kind === object.kind)) throw new Violation(`${what} was deleted and is wanted`);
}

/** A pod is deleted without its kubelet only where there is none. */
export function judgeForget(world: World, pod: Pod): void {
  const node = world.node(pod.spec.nodeName);
  if (node && !node.spec?.taints) throw new Violation(`${pod.metadata.name} was forgotten, but its node is there`);
}

/** A member that serves is stopped only where the spec asks for it, one by one, and while the others carry on. */
export function judgeDelete(world: World, pod: Pod, configsWritten: ReadonlySet<string>): void {
  const { cluster } = world;
  if (!cluster || !world.serves(pod)) return;
  if (cluster.metadata.deletionTimestamp) {
    if (cluster.metadata.annotations?.[oneByOneAnnotation]) judgeParting(world, pod);
    return;
  }
  const others = world.ownPods.filter((other) => other !== pod && world.serves(other));
  if (others.some((other) => ordinalOf(other) === ordinalOf(pod))) return;

  const { size, maxUnavailable, paused } = cluster.spec;
  const { name } = pod.metadata;
  const serving = new Set(others.map(ordinalOf)).size;
  const demand = (holds: boolean, otherwise: string) => {
    if (!holds) throw new Violation(`${name} was stopped ${otherwise}`);
  };
  const wanted = wantedOf(cluster, world.log.all('secrets'));
  demand(serving >= size - maxUnavailable, `and only ${serving} of ${size} serve`);
  demand(wanted !== undefined && !paused, 'although the spec is paused or invalid');
  if (cluster.spec.jetStream) judgeQuorum(world, pod);
  if (ordinalOf(pod) >= size) {
    judgeParting(world, pod);
    return;
  }
  // a server that was never let into the group holds nothing, and is let in when it starts again
  if (cluster.spec.jetStream && !world.streams.peers.has(ordinalOf(pod))) return;
  demand(pod.metadata.annotations?.[restartHashAnnotation] !== wanted?.restartHash, 'although it is as the spec asks');
  const linked = [...others, pod].filter(({ metadata }) => metadata.annotations?.[routesAnnotation] === wanted?.routes);
  const isKnown = linked.length < 2 || !world.monitoringDown;
  demand(isKnown && world.isWhole(linked), 'although the routes are not known to be whole');
  demand(configsWritten.has(configOf(cluster.spec)), 'before the config of its successor was written');
  const restarted = others.filter(
    ({ metadata }) => metadata.annotations?.[restartHashAnnotation] === wanted?.restartHash,
  );
  const last = Math.max(0, ...restarted.map(readySince));
  demand(world.now >= last + cluster.spec.pauseBetweenMembersSeconds * 1000, 'before the pause was over');
}

/** No group of servers or replicas loses its majority by our doing, and none of the group loses its server unasked. */
function judgeQuorum({ streams }: World, pod: Pod): void {
  const ordinal = ordinalOf(pod);
  if (!streams.peers.has(ordinal)) return;
  if (!streams.hasMajorityWithout(ordinal)) throw new Violation(`${pod.metadata.name} was needed for a majority`);
  if (!streams.isSpare(ordinal)) throw new Violation(`${pod.metadata.name} was needed for a majority of the stream`);
}

/** A server is taken out of the group only when there is no place for it and it holds nothing. */
export function judgeCommand({ cluster, streams }: World, command: Command): void {
  if (command.kind !== 'removePeer') return;
  const ordinal = [...streams.peers].find((peer) => command.peer === `${clusterName}-${peer}`);
  if (ordinal === undefined) return;
  if (streams.replicas.includes(ordinal)) throw new Violation(`${command.peer} holds a replica and was removed`);
  if (cluster && ordinal < cluster.spec.size) throw new Violation(`${command.peer} is wanted and was removed`);
}

/** Members for which there is no more place leave one by one. */
function judgeParting(world: World, pod: Pod): void {
  const leaving = world.ownPods.find((other) => world.partings.has(other.metadata.uid) && !isLost(world, other));
  if (leaving) throw new Violation(`${pod.metadata.name} was stopped while ${leaving.metadata.name} was leaving`);
  world.partings.add(pod.metadata.uid);
}

/** Whether a pod has ended, or nobody can tell whether it runs. */
function isLost(world: World, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  const due = pod.metadata.deletionTimestamp;
  if (due && world.now >= Date.parse(due) + overdueSeconds * 1000) return true;
  if (!pod.spec.nodeName) return false;
  const node = world.node(pod.spec.nodeName);
  if (!node || node.spec?.taints) return true;
  const since = Date.parse(node.status?.conditions?.[0]?.lastTransitionTime ?? '');
  return readyOf(node) !== 'True' && world.now >= since + lostAfterSeconds * 1000;
}
