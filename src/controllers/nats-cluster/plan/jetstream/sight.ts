import { type JetStreamReport, type Replica, type ReplicaGroup } from '../../../../nats/jetstream-report';
import { streamsOfAnnotation } from '../../../../templates/names';
import { isReady, type Member, type View } from '../survey';
import { isForeign, named } from './peer-name';

/** What all servers together tell of JetStream. */
export interface Sight {
  /** The members that were asked and answered, by name. */
  readonly reports: ReadonlyMap<string, JetStreamReport>;
  /** Why a ready member's report is missing, as the end of a sentence; undefined where none is. */
  readonly unknown?: string;
  /** The group of the servers as its leader sees it; undefined where none of the servers leads, or the one that does did not tell. */
  readonly meta?: SeenMetaGroup;
  /** The server that most of the others take for the leader, whether or not it told anything. */
  readonly followed?: string;
  /** Streams and consumers, each as its leader sees it, or else as anybody does. */
  readonly groups: readonly SeenGroup[];
}

export interface SeenMetaGroup {
  readonly leader: string;
  readonly size: number;
  /** The other servers of this cluster, those included that are no members any more. */
  readonly peers: readonly Replica[];
  /** Servers of the other clusters of a super-cluster: they are not ours to judge, let alone to remove. */
  readonly abroad: readonly Replica[];
}

export interface SeenGroup extends ReplicaGroup {
  /** Whether it is its leader who tells: nobody else knows how the replicas are. */
  readonly byLeader: boolean;
}

/** Puts together what the servers of ready members say. */
export function jetStreamSight(view: View): Sight {
  const { members, surplus, servers } = view;
  const reports = new Map<string, JetStreamReport>();
  let unknown: string | undefined;
  for (const member of [...members, ...surplus].filter(isReady)) {
    const report = reportOf(member, servers);
    if (typeof report === 'string') unknown ??= report;
    else reports.set(member.name, report);
  }
  const followed = followedOf(reports);
  return { reports, unknown, followed, meta: metaOf(view, reports, followed), groups: groupsOf(reports) };
}

/** What to call a stream or consumer. */
export function nameOf({ account, stream, consumer }: Pick<ReplicaGroup, 'account' | 'stream' | 'consumer'>): string {
  const what = consumer === undefined ? `stream ${stream}` : `consumer ${consumer} of stream ${stream}`;
  return account === '$G' ? what : `${what} of account ${account}`;
}

function reportOf({ name, pod }: Member, servers: View['servers']): JetStreamReport | string {
  const server = pod && servers.get(pod.pod.metadata.uid);
  if (!server) return `JetStream of ${name} is not known: it was not asked yet`;
  if (server.unknown !== undefined) return `JetStream of ${name} is not known: ${server.unknown}`;
  return server.jetStream ?? `JetStream of ${name} is not known: it was not asked yet`;
}

/** An old leader that was cut off may still believe that it leads: whoever is followed leads. */
function followedOf(reports: Sight['reports']): string | undefined {
  const leaders = [...reports.values()].map(({ meta }) => meta?.leader);
  return leaders.find(
    (name) => name !== undefined && leaders.filter((leader) => leader === name).length * 2 > reports.size,
  );
}

function metaOf(view: View, reports: Sight['reports'], followed: string | undefined): SeenMetaGroup | undefined {
  if (followed === undefined) return undefined;
  const meta = [reports.get(followed)?.meta, view.metaGroupAbroad].find((group) => group?.leader === followed);
  if (!meta) return undefined;
  const peers = meta.peers.map((peer) => named(peer, view.cluster));
  const isAbroad = (peer: Replica) => hasForeigners(view) && isForeign(peer, view.cluster);
  return {
    ...{ leader: followed, size: meta.size },
    peers: peers.filter((peer) => !isAbroad(peer)),
    abroad: peers.filter(isAbroad),
  };
}

/** Whether servers of other clusters are in the group: they are as long as any of ours has gateways to them. */
function hasForeigners({ wanted, members }: View): boolean {
  const modes = members.map(({ pod }) => pod?.pod.metadata.annotations?.[streamsOfAnnotation]);
  return [wanted?.streamsOf, ...modes].includes('super-cluster');
}

function groupsOf(reports: Sight['reports']): SeenGroup[] {
  const groups = new Map<string, SeenGroup>();
  for (const [name, { groups: seen }] of reports) {
    for (const group of seen ?? []) {
      const key = JSON.stringify([group.account, group.stream, group.consumer]);
      const byLeader = group.leader === name;
      const known = groups.get(key);
      if (!known || byLeader) groups.set(key, { ...group, byLeader });
    }
  }
  return [...groups.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}
