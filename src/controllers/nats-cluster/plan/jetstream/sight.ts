import { type JetStreamReport, type Replica, type ReplicaGroup } from '../../../../nats/jetstream-report';
import { isReady, type Member, type View } from '../survey';
import { named } from './peer-name';

/** What all servers together tell of JetStream. */
export interface Sight {
  /** The members that were asked and answered, by name. */
  readonly reports: ReadonlyMap<string, JetStreamReport>;
  /** Why a ready member's report is missing, as the end of a sentence; undefined where none is. */
  readonly unknown?: string;
  /** The group of the servers as its leader sees it; undefined where none of the servers leads. */
  readonly meta?: { readonly leader: string; readonly size: number; readonly peers: readonly Replica[] };
  /** Streams and consumers, each as its leader sees it, or else as anybody does. */
  readonly groups: readonly SeenGroup[];
}

export interface SeenGroup extends ReplicaGroup {
  /** Whether it is its leader who tells: nobody else knows how the replicas are. */
  readonly byLeader: boolean;
}

/** Puts together what the servers of ready members say. */
export function jetStreamSight({ cluster, members, surplus, servers }: View): Sight {
  const reports = new Map<string, JetStreamReport>();
  let unknown: string | undefined;
  for (const member of [...members, ...surplus].filter(isReady)) {
    const report = reportOf(member, servers);
    if (typeof report === 'string') unknown ??= report;
    else reports.set(member.name, report);
  }
  return { reports, unknown, meta: metaOf(reports, cluster), groups: groupsOf(reports) };
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

function metaOf(reports: Sight['reports'], cluster: View['cluster']): Sight['meta'] {
  for (const [name, { meta }] of reports) {
    // an old leader that was cut off may still believe that it leads: whoever is followed leads
    const followers = [...reports.values()].filter((report) => report.meta?.leader === name).length;
    if (meta?.leader === name && followers * 2 > reports.size) {
      return { ...meta, leader: name, peers: meta.peers.map((peer) => named(peer, cluster)) };
    }
  }
  return undefined;
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
