import { stoppedServing } from '../pod-state';
import { isReady, listed, type Member, type View } from '../survey';
import { type Replica } from '../../../../nats/jetstream-report';
import { jetStreamSight, nameOf, type SeenGroup, type SeenMetaGroup, type Sight } from './sight';

/** Why JetStream is not known to be well. */
export interface Ailment {
  /** Whether something is known to be wrong; else it is not known how it is. */
  readonly known: boolean;
  /** One word for programs. */
  readonly reason: string;
  /** A sentence without numbers that change by themselves. */
  readonly because: string;
}

/**
 * Whether every server, the group of the servers, and every replica of each stream and consumer is well; undefined where all
 * are. This is what Ready, JetStreamHealthy and the gates of all operations stand on.
 */
export function ailmentOf(view: View): Ailment | undefined {
  const sight = jetStreamSight(view);
  return (
    lostQuorum(view, sight) ??
    (sight.unknown === undefined ? undefined : unknown(sight.unknown)) ??
    switchedOff(view) ??
    absent(view) ??
    membership(view, sight) ??
    writeFailed(view, sight) ??
    replicas(view, sight) ??
    ownWords(view, sight)
  );
}

/** Seconds after which to look again at what is not well: it gets well without an event. */
export function lookAgainAtJetStream(view: View): number | undefined {
  return view.wanted?.jetStream && ailmentOf(view) ? 5 : undefined;
}

/** The member that leads the group of the servers. */
export function metaLeaderOf(view: View): string | undefined {
  return jetStreamSight(view).meta?.leader;
}

function isOneServer({ wanted }: View): boolean {
  return wanted?.streamsOf === 'one-server';
}

function isSuperCluster({ wanted }: View): boolean {
  return wanted?.streamsOf === 'super-cluster';
}

function lostQuorum(view: View, { reports, meta, followed, unknown: missing }: Sight): Ailment | undefined {
  if (isOneServer(view) || meta || reports.size === 0) return undefined;
  if (isSuperCluster(view)) {
    // who leads may be of another cluster and not to be asked: what the members say of themselves has to do
    if (followed !== undefined || missing !== undefined) return undefined;
    const because =
      'the servers of the super-cluster have not agreed on a JetStream meta leader: most servers of all its clusters have to be up and reach each other, under names that differ';
    return { known: true, reason: 'NoLeader', because };
  }
  const size = Math.max(view.members.length, ...[...reports.values()].map((report) => report.meta?.size ?? 0));
  const away = view.members.filter((member) => !isReady(member)).map(({ name }) => name);
  if (away.length > 0 && reports.size * 2 <= size) {
    const because = `JetStream has no majority: ${listed([...reports.keys()])} of ${size} servers ${reports.size > 1 ? 'are' : 'is'} up, and it waits for ${listed(away)}`;
    return { known: true, reason: 'QuorumLost', because };
  }
  if (missing !== undefined) return undefined;
  return { known: true, reason: 'NoLeader', because: 'the servers have not agreed on a JetStream meta leader' };
}

function switchedOff(view: View): Ailment | undefined {
  const off = view.members.filter((member) => isTurnedOff(view, member));
  const [first] = off;
  if (!first) return undefined;
  const cure = `see its log, make room if its volume is full, and then restart it: kubectl delete pod -n ${view.cluster.metadata.namespace} ${first.pod?.pod.metadata.name ?? ''}`;
  const because = `JetStream of ${listed(off.map(({ name }) => name))} has been turned off by the server, most likely as it could not write: ${cure}`;
  return { known: true, reason: 'TurnedOff', because };
}

/** Such a server is not ready for Kubernetes from then on. One that starts has it turned off too, for a moment. */
export function isTurnedOff({ servers }: View, { pod }: Member): boolean {
  if (!pod || (pod.state !== 'ready' && !stoppedServing(pod.pod))) return false;
  const server = servers.get(pod.pod.metadata.uid);
  return server?.unknown === undefined && server?.jetStream?.enabled === false;
}

function absent({ members }: View): Ailment | undefined {
  const away = members.filter((member) => !isReady(member)).map(({ name }) => name);
  if (away.length === 0) return undefined;
  const because = `${listed(away)} ${away.length > 1 ? 'are' : 'is'} not ready, and what is kept there has fewer replicas`;
  return { known: true, reason: 'MembersAway', because };
}

function membership(view: View, { meta, reports }: Sight): Ailment | undefined {
  if (isOneServer(view) || !meta) return reports.size === 0 ? unknown('no server was asked yet') : undefined;
  const outside = outsiders(view, meta);
  if (outside.length > 0) {
    const because = `${listed(outside)} ${outside.length > 1 ? 'have' : 'has'} no place in the JetStream meta group yet`;
    return { known: true, reason: 'PeersMissing', because };
  }
  const members = new Set([...view.members, ...view.surplus].map(({ name }) => name));
  const strangers = meta.peers.filter(({ name }) => !members.has(name));
  if (strangers.length > 0) {
    const because = `${listed(strangers.map(({ name }) => name))} ${strangers.length > 1 ? 'are' : 'is'} still counted in the JetStream meta group and no member`;
    return { known: true, reason: 'PeersLeft', because };
  }
  const behind = meta.peers.filter(isBehind);
  if (behind.length > 0) {
    const because = `in the JetStream meta group ${listed(behind.map(how))}`;
    return { known: true, reason: 'PeersBehind', because };
  }
  return majorityAtRisk(meta);
}

/** Those of other clusters may come and go as long as one of ours may too. */
function majorityAtRisk({ abroad, size }: SeenMetaGroup): Ailment | undefined {
  const away = abroad.filter(isBehind);
  const majority = Math.floor(size / 2) + 1;
  if (away.length === 0 || size - away.length - 1 >= majority) return undefined;
  const because = `in the JetStream meta group of the super-cluster ${listed(away.map(how))}, and without one more it would have no majority`;
  return { known: true, reason: 'PeersBehind', because };
}

/** The ready members that the leader does not know as servers of the group. */
export function outsiders({ members }: Pick<View, 'members'>, meta: NonNullable<Sight['meta']>): string[] {
  const known = new Set([meta.leader, ...meta.peers.map(({ name }) => name)]);
  return members.filter((member) => isReady(member) && !known.has(member.name)).map(({ name }) => name);
}

/**
 * A server that could not write a stream gives it up until it is restarted: seen on 2.15.2 with a full volume, where room that is
 * made later does not help. The others only see that it is behind.
 */
function writeFailed({ members, cluster }: View, { reports }: Sight): Ailment | undefined {
  const ill = members.find(({ name }) => /write error/i.test(reports.get(name)?.problem ?? ''));
  if (!ill) return undefined;
  const cure = `make room if its volume is full, and then restart it: kubectl delete pod -n ${cluster.metadata.namespace} ${ill.pod?.pod.metadata.name ?? ''}`;
  const because = `${ill.name} could not write, and goes on only when it is restarted (${reports.get(ill.name)?.problem ?? ''}): ${cure}`;
  return { known: true, reason: 'WriteFailed', because };
}

function replicas(view: View, { groups }: Sight): Ailment | undefined {
  const ill = groups.flatMap((group) => {
    const what = isOneServer(view) ? undefined : illness(group);
    return what === undefined ? [] : [`${nameOf(group)} ${what}`];
  });
  if (ill.length === 0) return undefined;
  return { known: true, reason: 'ReplicasBehind', because: listed(ill) };
}

function illness({ leader, byLeader, replicas, wanted, moving }: SeenGroup): string | undefined {
  if (leader === undefined) return 'has no leader';
  if (!byLeader) return `is led by ${leader}, which has not told how it is`;
  const behind = replicas.filter(isBehind);
  if (behind.length > 0) return `has replicas that are not current: ${listed(behind.map(how))}`;
  if (moving) return 'is on its way to other servers';
  return replicas.length + 1 < wanted ? `has fewer replicas than the ${wanted} that it wants` : undefined;
}

/** What only the server itself sees. */
function ownWords({ members }: View, { reports }: Sight): Ailment | undefined {
  const ill = members.find(({ name }) => reports.get(name)?.problem !== undefined);
  return (
    ill && {
      known: true,
      reason: 'ServerUnhealthy',
      because: `${ill.name} says: ${reports.get(ill.name)?.problem ?? ''}`,
    }
  );
}

function isBehind({ current, offline }: Replica): boolean {
  return offline || !current;
}

function how({ name, offline }: Replica): string {
  return offline ? `${name} is offline` : `${name} is behind`;
}

function unknown(because: string): Ailment {
  return { known: false, reason: 'Unknown', because };
}
