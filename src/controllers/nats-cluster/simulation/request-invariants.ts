import { requestsOf } from '../../../resources/nats-cluster/requests';
import { rotateAnnotation } from '../../../templates/names';
import { rotatedAnnotation } from '../../../templates/config-secret';
import { type Command } from '../../../nats/commands';
import { passwordIn } from '../system-password';
import { type Pod } from '../plan/situation';
import { budgetOf, isHealthy } from './evictions';
import { isRefusal, whyRestart, Violation } from './invariants';
import { confIn, textIn } from './conf';
import { clusterName, ordinalOf, type ConfigSecret } from './model';
import { type World } from './world';

/** What is asked of servers and for whom, over the life of a cluster. */
export class Ledger {
  /** For each config: the version of the API at which it was written first. One that comes back soon may be asked for too early: that is asked for again. */
  private readonly written = new Map<string, number>();
  /** All configs that were ever written. */
  readonly configs = new Set<string>();
  /** For each pod, by uid: the version of the API at which its kubelet was last given a reason to look at it. */
  private readonly touched = new Map<string, number>();
  /** For each config: the pods whose server refused it, as the operator has written on them. */
  private readonly refusals = new Map<string, Set<string>>();
  /** Requests to step down that were done. */
  private readonly stepDowns = new Set<string>();
  /** For each demand for another password: the one that was made. */
  private readonly passwords = new Map<string, string>();

  constructor(private readonly world: World) {}

  /** The config secret is written: for each demand there is one password. */
  writesConfig(live: ConfigSecret | undefined, next: ConfigSecret): void {
    const text = textIn(next);
    const { id } = confIn(text);
    if (id !== undefined && !this.written.has(id)) this.written.set(id, this.world.log.version + 1);
    this.configs.add(text);
    const { now } = passwordIn(next) ?? {};
    const demand = next.metadata.annotations?.[rotatedAnnotation] ?? '';
    const known = this.passwords.get(demand);
    if (now === undefined) return;
    if (live && passwordIn(live) && known !== undefined && known !== now) {
      throw new Violation(`a second password was made for ${demand || 'nobody'}`);
    }
    this.passwords.set(demand, now);
  }

  /** The config secret is gone, and with it what is known of refusals. */
  losesConfig(): void {
    this.refusals.clear();
  }

  touches(pod: Pod): void {
    this.touched.set(pod.metadata.uid, this.world.log.version);
  }

  /** What the operator wrote on a pod after its server was asked for something. */
  notes(pod: Pod, command: Command): void {
    const { world } = this;
    const { uid } = pod.metadata;
    if (command.kind === 'stepDownMetaLeader') {
      const { stepDownMetaLeader: token } = requestsOf(world.cluster?.metadata ?? {});
      if (token !== undefined && whyMayGo(world, pod) === undefined) this.stepDowns.add(token);
    } else if (command.kind === 'reload' && isRefusal(world.servers.denials.get(uid))) {
      this.refusals.set(command.to, (this.refusals.get(command.to) ?? new Set<string>()).add(uid));
    }
  }

  /** A server is asked for something. */
  judge(pod: Pod, command: Command): void {
    if (command.kind === 'removePeer') judgeRemovePeer(this.world, command.peer);
    else if (command.kind === 'reload') this.judgeReload(pod, command.to);
    else if (command.kind === 'stepDownMetaLeader') this.judgeStepDown(pod);
  }

  /** A server is asked to load a config when its kubelet was told of it, and not when another one is known to refuse it. */
  private judgeReload({ metadata: { name, uid } }: Pod, conf: string): void {
    const written = this.written.get(conf);
    if (written === undefined)
      throw new Violation(`${name} was asked to load a config that was never written: ${conf}`);
    if ((this.touched.get(uid) ?? 0) < written) {
      throw new Violation(`${name} was asked to load ${conf} before its kubelet was told of it`);
    }
    const other = this.world.ownPods.find(
      (each) => each.metadata.uid !== uid && this.world.serves(each) && this.refusals.get(conf)?.has(each.metadata.uid),
    );
    if (other) throw new Violation(`${name} was asked to load ${conf}, which ${other.metadata.name} refuses`);
  }

  /** A leader steps down before its pod goes, or once for each demand. */
  private judgeStepDown(pod: Pod): void {
    const { world } = this;
    if (whyMayGo(world, pod) !== undefined) return;
    const { stepDownMetaLeader: token } = requestsOf(world.cluster?.metadata ?? {});
    if (token === undefined) throw new Violation(`${pod.metadata.name} had to step down, and nobody asked for it`);
    if (this.stepDowns.has(token)) throw new Violation(`${pod.metadata.name} had to step down for ${token} again`);
  }
}

/** Why the pod of a member is about to go. */
function whyMayGo(world: World, pod: Pod): string | undefined {
  const { cluster } = world;
  if (!cluster || ordinalOf(pod) >= cluster.spec.size) return 'there is no place for it';
  return whyRestart(world, pod);
}

/** A server is taken out of the group only when there is no place for it and it holds nothing. */
function judgeRemovePeer({ cluster, streams }: World, name: string): void {
  const ordinal = [...streams.peers].find((peer) => name === `${clusterName}-${peer}`);
  if (ordinal === undefined) return;
  if (streams.replicas.includes(ordinal)) throw new Violation(`${name} holds a replica and was removed`);
  if (cluster && ordinal < cluster.spec.size) throw new Violation(`${name} is wanted and was removed`);
}

/**
 * With JetStream the budget of a cluster lets nobody go who is needed for a majority, nor anybody while a member that was made
 * again is still copying what it missed.
 */
export function judgeEviction(world: World, pod: Pod): void {
  const { cluster, streams } = world;
  if (!cluster?.spec.jetStream || !budgetOf(world) || !world.serves(pod)) return;
  const { name } = pod.metadata;
  // what the API does not show yet nobody can take into account
  const others = new Set(world.ownPods.filter((other) => other !== pod && isHealthy(other)).map(ordinalOf));
  const peers = [...streams.peers].filter((ordinal) => others.has(ordinal)).length;
  if (streams.peers.has(ordinalOf(pod)) && peers * 2 <= streams.peers.size) {
    throw new Violation(`${name} was drained and is needed for a majority`);
  }
  const copying = streams.copying().find((other) => other.metadata.uid !== pod.metadata.uid);
  if (copying && streams.replicas.includes(ordinalOf(pod))) {
    throw new Violation(`${name} was drained while ${copying.metadata.name} has not caught up`);
  }
}

/** The value of the annotation that asks for another password. */
export function rotationOf({ cluster }: World): string | undefined {
  return cluster?.metadata.annotations?.[rotateAnnotation];
}
