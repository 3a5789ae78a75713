import { requestAnnotations, requestsOf } from '../../../resources/nats-cluster/requests';
import {
  configAnnotation,
  restartHashAnnotation,
  routesAnnotation,
  streamsOfAnnotation,
} from '../../../templates/names';
import { predecessorIndex } from '../../../templates/predecessor';
import { oneByOneAnnotation } from '../plan/end-cluster';
import { isOwnedBy, ownerOf } from '../plan/owner';
import { readySince } from '../plan/pod-state';
import { type StoredObject } from '../../../kubernetes/object';
import { type Denied } from '../plan/denied';
import { type Plan } from '../plan/plan';
import { type Pod } from '../plan/situation';
import { type Action } from '../plan/step';
import { isClaim, modeOfClaim } from './claims';
import { confIn, textIn, type Conf } from './conf';
import { clusterName, neededConfig, ordinalOf, type ConfigSecret, type Spec } from './model';
import { readyOf, type World } from './world';

/** Something that must never happen. */
export class Violation extends Error {}

/** Lost members may be doubled: since so long not ready, or so long overdue. */
const lostAfterSeconds = 20;
const overdueSeconds = 60;

/** Each write names exactly the object that was judged, so that of two writes of one object in a plan the second one would fail. */
export function judgePlan({ steps }: Plan): void {
  const written = new Map<string, Action['do']>();
  for (const action of steps.flatMap(({ actions }) => actions)) {
    const what = `${action.object.kind} ${action.object.metadata.name}`;
    const other = written.get(what);
    // of what is asked only what is denied is written on the pod
    if (other !== undefined && !(other === 'command' && action.do === 'command')) {
      throw new Violation(`${what} was written twice in one plan: ${other} and ${action.do}`);
    }
    written.set(what, action.do);
  }
}

/** Nothing of somebody else is touched. */
export function judgeOwn({ cluster }: World, pod: StoredObject): void {
  if (!cluster || !isOwnedBy(pod, cluster.metadata)) throw new Violation(`${pod.metadata.name} is not ours`);
}

/** A label on what a cluster left that is gone, which is collected as garbage, harms nobody. */
export function judgeRelabel(world: World, pod: StoredObject): void {
  if (ownerOf(pod)?.name !== clusterName) judgeOwn(world, pod);
}

/** A pod is made after its config, and never beside a pod of the same member that may surely run. */
export function judgeCreate(world: World, pod: Pod): void {
  judgeConfigOf(world, pod);
  judgeClaimOf(world, pod);
  const { cluster } = world;
  if (!cluster || !isOwnedBy(pod, cluster.metadata)) return; // collected as garbage
  const mayRun = (other: Pod) => (cluster.spec.storage ? other.status?.phase !== 'Failed' : !isLost(world, other));
  const twin = world.ownPods.find((other) => ordinalOf(other) === ordinalOf(pod) && mayRun(other));
  if (twin) throw new Violation(`member ${ordinalOf(pod)} has the pod ${twin.metadata.name} already`);
  // nats-operator 0.8 may have named servers as their pods
  const namesake = world.ownPods.find(
    (other) => mayRun(other) && predecessorIndex(cluster, other.metadata.name) === ordinalOf(pod),
  );
  if (namesake) throw new Violation(`there would be two servers with the name ${namesake.metadata.name}`);
}

/** Servers take what is on a claim for streams of their group: it says whose they are. */
function judgeClaimOf(world: World, pod: Pod): void {
  const mode = pod.metadata.annotations?.[streamsOfAnnotation];
  const kept = mode && modeOfClaim(world, ordinalOf(pod));
  if (kept !== mode) throw new Violation(`a pod of a ${mode} would find a claim of a ${kept}`);
}

/** It starts with the config that it is said to start with: what the spec asks for, or, where that is refused, the one before. */
function judgeConfigOf({ log, ledger }: World, pod: Pod): void {
  const needed = neededConfig(pod) ?? '';
  const secret = log.get('objects', `Secret/${clusterName}`) as ConfigSecret | undefined;
  const told = pod.metadata.annotations?.[configAnnotation];
  if (told !== confIn(needed).id) {
    const id = secret && (confIn(textIn(secret)).id ?? '');
    if (id !== undefined && id !== told) throw new Violation(`a pod is to start with ${told} and would read ${id}`);
  } else if (!ledger.configs.has(needed)) {
    throw new Violation(`a pod needs a config that was never written: ${needed}`);
  } else if (secret && textIn(secret) !== needed) {
    throw new Violation(`a pod needs the config ${needed} and would read ${textIn(secret)}`);
  }
}

/** Beside the pods only what is ours and no longer wanted is deleted. */
export function judgeRemove(world: World, object: StoredObject): void {
  const { cluster, wanted } = world;
  if (isClaim(object)) {
    judgeRemoveClaim(world, object);
    return;
  }
  const what = `${object.kind} ${object.metadata.name}`;
  if (!cluster || !isOwnedBy(object, cluster.metadata)) throw new Violation(`${what} is not ours`);
  if (cluster.metadata.deletionTimestamp) return;
  if (!wanted || wanted.paused) throw new Violation(`${what} was deleted although the cluster is paused or invalid`);
  const isWanted = wanted.objects.some(
    ({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name,
  );
  if (isWanted) throw new Violation(`${what} was deleted and is wanted`);
}

/** A claim goes with its data: only that of a member for which there is no more place, that has gone, and holds nothing. */
function judgeRemoveClaim({ cluster, streams, ownPods }: World, claim: StoredObject): void {
  const ordinal = ordinalOf(claim);
  const isInUse = ownPods.some((pod) => ordinalOf(pod) === ordinal) || streams.peers.has(ordinal);
  if (!cluster || ordinal < cluster.spec.size || isInUse)
    throw new Violation(`claim ${claim.metadata.name} was deleted`);
}

/** A pod is deleted without its kubelet only where there is none. */
export function judgeForget(world: World, pod: Pod): void {
  const node = world.node(pod.spec.nodeName);
  if (node && !node.spec?.taints) throw new Violation(`${pod.metadata.name} was forgotten, but its node is there`);
}

/** A member that serves is stopped only where the spec asks for it, one by one, and while the others carry on. */
export function judgeDelete(world: World, pod: Pod): void {
  const { cluster } = world;
  if (!cluster || !world.serves(pod)) return;
  if (cluster.metadata.deletionTimestamp) {
    if (cluster.metadata.annotations?.[oneByOneAnnotation]) judgeParting(world, pod);
    return;
  }
  const others = world.ownPods.filter((other) => other !== pod && world.serves(other));
  if (others.some((other) => ordinalOf(other) === ordinalOf(pod))) return;

  const { size, maxUnavailable } = cluster.spec;
  const { name } = pod.metadata;
  const serving = new Set(others.map(ordinalOf)).size;
  const demand = (holds: boolean, otherwise: string) => {
    if (!holds) throw new Violation(`${name} was stopped ${otherwise}`);
  };
  const { wanted } = world;
  demand(serving >= size - maxUnavailable, `and only ${serving} of ${size} serve`);
  demand(wanted !== undefined && !wanted.paused, 'although the cluster is paused or invalid');
  if (cluster.spec.jetStream && pod.metadata.annotations?.[streamsOfAnnotation] !== wanted?.streamsOf) {
    // where servers leave their group one by one for another one, neither has a majority
    demand(!world.streams.replicas.includes(ordinalOf(pod)), 'with a replica that would be lost');
    return;
  }
  if (cluster.spec.jetStream) judgeQuorum(world, pod);
  if (ordinalOf(pod) >= size) {
    judgeParting(world, pod);
    return;
  }
  // a server that was never let into the group holds nothing, and is let in when it starts again
  if (cluster.spec.jetStream && !world.streams.peers.has(ordinalOf(pod))) return;
  demand(whyRestart(world, pod) !== undefined, 'although it is as the spec asks');
  const linked = [...others, pod].filter(({ metadata }) => metadata.annotations?.[routesAnnotation] === wanted?.routes);
  const isKnown = linked.length < 2 || !linked.some((each) => world.servers.isSilent(each));
  demand(isKnown && world.servers.isWhole(linked), 'although the routes are not known to be whole');
  const isWritten = [...world.ledger.configs].map(confIn).some((conf) => isOf(conf, cluster.spec));
  // in the place of one that is refused the one before is written
  demand(isWritten || cluster.spec.setting === 'bad', 'before the config of its successor was written');
  const restarted = others.filter((other) => whyRestart(world, other) === undefined);
  const last = Math.max(0, ...restarted.map(readySince));
  demand(world.now >= last + cluster.spec.pauseBetweenMembersSeconds * 1000, 'before the pause was over');
}

/** No group of servers or replicas loses its majority by our doing, and none of the group loses its server unasked. */
function judgeQuorum({ streams, servers }: World, pod: Pod): void {
  const ordinal = ordinalOf(pod);
  // the others have lost one that is cut off already, and what it has is on its claim
  if (!streams.peers.has(ordinal) || servers.realityOf(pod).isolated) return;
  if (!streams.hasMajorityWithout(ordinal)) throw new Violation(`${pod.metadata.name} was needed for a majority`);
  if (!streams.isSpare(ordinal)) throw new Violation(`${pod.metadata.name} was needed for a majority of the stream`);
}

function isOf(conf: Conf, { size, tls, setting }: Spec): boolean {
  return conf.size === size && conf.tls === tls && conf.setting === setting;
}

/** Whether a server can't go by a config, whether it reloads or starts. */
export function isRefusal(denied: Denied | undefined): boolean {
  return denied?.denial === 'refused' && !denied.words.includes('not supported');
}

/** Why a member may be made again: another spec, a person who asks for it, or a server that takes a new config no other way. */
export function whyRestart({ cluster, wanted, servers }: World, pod: Pod): string | undefined {
  const { annotations = {}, uid } = pod.metadata;
  const { restart, awayFrom } = requestsOf(cluster?.metadata ?? {});
  if (annotations[restartHashAnnotation] !== wanted?.restartHash) return 'it has an older spec';
  if (restart !== undefined && annotations[requestAnnotations.restart] !== restart) return 'a restart is asked for';
  if (awayFrom.includes(pod.spec.nodeName ?? '')) return 'it is to leave its node';
  const denied = servers.denials.get(uid);
  return denied && denied.config === wanted?.config && !isRefusal(denied) ? denied.words : undefined;
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
