// Small makers for tests of JetStream: say only what a test is about.
import {
  type JetStreamReport,
  type MetaGroup,
  type Replica,
  type ReplicaGroup,
} from '../../../../nats/jetstream-report';
import { streamsOfAnnotation } from '../../../../templates/names';
import { type Server } from '../situation';
import { type View } from '../survey';
import { aReadyPod, aView, aWanted } from '../makers';

export function aReplica(ordinal: number, changes: Partial<Replica> = {}): Replica {
  return { name: `nats-${ordinal}`, id: `id-${ordinal}`, current: true, offline: false, lag: 0, ...changes };
}

/** A stream of the default account with replicas on these members, the first of which leads. */
export function aStream(stream: string, on: readonly number[], changes: Partial<ReplicaGroup> = {}): ReplicaGroup {
  const [leader, ...others] = on;
  return {
    account: '$G',
    stream,
    leader: leader === undefined ? undefined : `nats-${leader}`,
    replicas: others.map((ordinal) => aReplica(ordinal)),
    wanted: on.length,
    inMemory: false,
    moving: false,
    apiLevel: 0,
    ...changes,
  };
}

/** A ready pod of a cluster with JetStream. */
export function aPodWithJetStream(ordinal: number, changes: Parameters<typeof aReadyPod>[1] = {}) {
  const annotations = { [streamsOfAnnotation]: 'cluster', ...changes.annotations };
  return aReadyPod(ordinal, { ...changes, annotations });
}

interface Changes {
  readonly size?: number;
  /** Number of members that have a pod; by default as many as wanted. */
  readonly running?: number;
  readonly leader?: number | null;
  /** What the leader says of the others. */
  readonly peers?: readonly Replica[];
  /** Streams and consumers, as each server with a replica sees them. */
  readonly groups?: readonly ReplicaGroup[];
  readonly reports?: Readonly<Record<number, Partial<JetStreamReport>>>;
  /** Members that don't answer. */
  readonly silent?: readonly number[];
  readonly version?: string;
  /** The version that members run. */
  readonly runs?: string;
  readonly situation?: Parameters<typeof aView>[0];
}

/** A cluster with JetStream where all is well, but for what the test changes. Member 0 leads the meta group. */
export function aJetStreamView(changes: Changes = {}): View {
  const { size = 3, running = size, leader = 0, groups = [], silent = [], version = '2.15.2' } = changes;
  const { runs = version, situation = {} } = changes;
  const ordinals = Array.from({ length: running }, (_, ordinal) => ordinal);
  const pods = situation.pods ?? ordinals.map((ordinal) => aPodWithJetStream(ordinal, { version: runs }));
  const meta = (ordinal: number): MetaGroup => ({
    leader: leader === null ? undefined : `nats-${leader}`,
    size: running,
    peers:
      ordinal === leader
        ? (changes.peers ?? ordinals.filter((other) => other !== leader).map((other) => aReplica(other)))
        : [],
  });
  const server = (ordinal: number): Server => {
    if (silent.includes(ordinal)) return { unknown: 'it does not answer' };
    const name = `nats-${ordinal}`;
    const its = groups.filter((group) => group.leader === name || group.replicas.some((other) => other.name === name));
    const ids = ordinals.map((other) => `pod-${other}`).filter((id) => id !== `pod-${ordinal}`);
    const report: JetStreamReport = {
      enabled: true,
      meta: running > 1 ? meta(ordinal) : undefined,
      streams: its.filter(({ consumer }) => consumer === undefined).length,
      groups: its,
      ...changes.reports?.[ordinal],
    };
    return { id: `pod-${ordinal}`, version: runs, routes: new Set(ids), jetStream: report };
  };
  return aView({
    wanted: aWanted({ size, version, jetStream: true, storage: true }),
    servers: new Map(ordinals.map((ordinal) => [`pod-${ordinal}`, server(ordinal)])),
    ...situation,
    pods,
  });
}
