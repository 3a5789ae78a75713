import { read, TooLargeError, type MonitoringAddress } from './monitoring';
import { ask, type SystemAddress } from './system-client';

/** What a server knows of JetStream. */
export interface JetStreamReport {
  /** Whether JetStream is on; a server turns it off when it can't write, or when it was removed from its cluster. */
  readonly enabled: boolean;
  /** What is wrong with it in the server's own words (`/healthz`), replicas on it included; undefined where nothing is. */
  readonly problem?: string;
  /** The group of the servers; undefined on a single server. */
  readonly meta?: MetaGroup;
  /** Number of streams that have a replica on it. */
  readonly streams: number;
  /** The streams and consumers that have a replica on it; undefined where there are too many to be read. */
  readonly groups?: readonly ReplicaGroup[];
}

/** The group of the servers, which knows where streams and consumers are, as one server sees it. */
export interface MetaGroup {
  /** Name of the leading server; undefined while there is no majority. */
  readonly leader?: string;
  /** Number of servers that a majority is counted of. */
  readonly size: number;
  /** The other servers of the group. Only the leader knows how they are; from others it is empty, or without that. */
  readonly peers: readonly Replica[];
}

/** The replicas of a stream or consumer, as one server sees them. */
export interface ReplicaGroup {
  readonly account: string;
  readonly stream: string;
  /** Undefined for the stream itself. */
  readonly consumer?: string;
  /** Name of the leading server; undefined while there is no majority. */
  readonly leader?: string;
  /** The other servers with a replica. Only the leader knows how they are. */
  readonly replicas: readonly Replica[];
  /** How many replicas its configuration asks for. */
  readonly wanted: number;
  /** Whether its replicas are gone when their servers end: they are in no file. */
  readonly inMemory: boolean;
  /** Whether it is on its way to other servers or to another number of replicas. */
  readonly moving: boolean;
  /** Lowest API level of servers that can keep it (nats-server jetstream_versioning.go, `_nats.req.level`); 0 before 2.11. */
  readonly apiLevel: number;
}

/** Another server in a group. */
export interface Replica {
  readonly name: string;
  /** What the servers know it by, even where they have not seen it and know no name. */
  readonly id?: string;
  /** Whether it has all that the leader has. */
  readonly current: boolean;
  /** Whether it was not seen recently. */
  readonly offline: boolean;
  /** Operations that it is behind. */
  readonly lag: number;
}

/** Accounts in one answer: an answer is bounded in size, and accounts are what a server divides it by. */
const page = 256;

/**
 * Reads `/healthz` and `/jsz` (nats-server monitor.go) of a server that runs JetStream. Throws a `MonitoringError` where that
 * does not work within 2 seconds a page.
 */
export async function readJetStream(address: MonitoringAddress): Promise<JetStreamReport> {
  const [health, summary, groups] = await Promise.all([
    // 503 and 500 are its way to say that something is wrong
    read(address, '/healthz', [500, 503]),
    read(address, '/jsz'),
    readGroups(address),
  ]);
  return {
    enabled: summary.disabled !== true,
    problem: text(health.error) ?? (health.status === 'ok' ? undefined : text(health.status)),
    meta: metaGroup(summary.meta_cluster),
    streams: count(summary.streams),
    groups,
  };
}

/**
 * The meta group as its leader sees it, wherever in a super-cluster that is: asked for at any server, through the system
 * account. Throws a `SystemError`, also where no server leads.
 */
export async function readMetaGroup(address: SystemAddress): Promise<MetaGroup | undefined> {
  const answer = await ask(address, { subject: '$SYS.REQ.SERVER.PING.JSZ', payload: '{"leader_only":true}' });
  return metaGroup(object(object(answer).data).meta_cluster);
}

async function readGroups(address: MonitoringAddress): Promise<ReplicaGroup[] | undefined> {
  const groups: ReplicaGroup[] = [];
  try {
    for (let offset = 0; ; offset += page) {
      const query = `accounts=true&streams=true&consumers=true&config=true&limit=${page}&offset=${offset}`;
      const accounts = list((await read(address, `/jsz?${query}`)).account_details);
      groups.push(...accounts.flatMap(groupsOf));
      if (accounts.length < page) return groups;
    }
  } catch (error) {
    if (error instanceof TooLargeError) return undefined;
    throw error;
  }
}

function metaGroup(value: unknown): MetaGroup | undefined {
  if (!isObject(value)) return undefined;
  return { leader: text(value.leader), size: count(value.cluster_size), peers: list(value.replicas).map(replica) };
}

function groupsOf(account: Json): ReplicaGroup[] {
  const name = text(account.name) ?? '';
  return list(account.stream_detail).flatMap((stream) => {
    const config = object(stream.config);
    const storage = { wanted: 1, inMemory: config.storage === 'memory' };
    const own = group({ account: name, stream: text(stream.name) ?? '' }, stream.cluster, config, storage);
    const consumers = list(stream.consumer_detail).map((consumer) =>
      group({ ...own, consumer: text(consumer.name) }, consumer.cluster, object(consumer.config), own),
    );
    return [own, ...consumers];
  });
}

function group(
  { account, stream, consumer }: Pick<ReplicaGroup, 'account' | 'stream' | 'consumer'>,
  cluster: unknown,
  config: Json,
  inherited: Pick<ReplicaGroup, 'wanted' | 'inMemory'>,
): ReplicaGroup {
  const { leader, replicas, desired } = object(cluster);
  const others = list(replicas).map(replica);
  const wanted = count(config.num_replicas) || inherited.wanted;
  return {
    ...{ account, stream, consumer },
    leader: text(leader),
    replicas: others,
    wanted,
    inMemory: inherited.inMemory || config.mem_storage === true,
    // from 2.15 on a move is told; before, it shows as replicas beyond what is wanted
    moving: desired !== undefined || others.length + 1 > wanted,
    apiLevel: Number(text(object(config.metadata)['_nats.req.level']) ?? 0) || 0,
  };
}

function replica(value: Json): Replica {
  return {
    name: text(value.name) ?? '',
    id: text(value.peer),
    current: value.current === true,
    offline: value.offline === true,
    lag: count(value.lag),
  };
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
