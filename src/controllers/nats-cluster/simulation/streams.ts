import { type Command } from '../../../nats/commands';
import { type JetStreamReport } from '../../../nats/jetstream-report';
import { type Instant, type Pod } from '../plan/situation';
import { clusterName, ordinalOf } from './model';

/** A replica has all that the others have so long after its server serves, in milliseconds. */
const catchUp = 10_000;

/** JetStream in small: a group of the servers, its leader, and one stream whose replicas need time to catch up. */
export class Streams {
  /** Ordinals of the members that a majority is counted of. */
  readonly peers = new Set<number>();
  /** Ordinals of the members with a replica of the stream. */
  replicas: readonly number[] = [];
  leader?: number;
  /** How many replicas the stream is to have. */
  private width = 3;
  /** Uids of the pods on which replicas had all that there was, by ordinal. */
  private readonly wholeOn = new Map<number, string>();
  private servingSince = new Map<string, Instant>();
  private serving = new Map<number, Pod>();
  private now: Instant = 0;
  /** Uids of pods whose server was taken out of the group: it does not come back while it runs. */
  private readonly removed = new Set<string>();

  /** Lets servers find each other, elect a leader, and take those in who are outside. */
  update(now: Instant, size: number, serving: readonly Pod[]): void {
    this.now = now;
    this.serving = new Map(serving.map((pod) => [ordinalOf(pod), pod]));
    this.servingSince = new Map(serving.map(({ metadata: { uid } }) => [uid, this.servingSince.get(uid) ?? now]));
    const able = [...this.serving.keys()].sort();
    if (this.peers.size === 0 && able.length * 2 > size) for (const ordinal of able) this.peers.add(ordinal);
    const voters = able.filter((ordinal) => this.peers.has(ordinal));
    const hasMajority = voters.length * 2 > this.peers.size;
    if (!hasMajority) this.leader = undefined;
    else if (this.leader === undefined || !voters.includes(this.leader)) [this.leader] = voters;
    if (!hasMajority) return;
    for (const [ordinal, { metadata }] of this.serving) if (!this.removed.has(metadata.uid)) this.peers.add(ordinal);
    for (const ordinal of this.replicas.filter((each) => this.isCurrent(each))) {
      this.wholeOn.set(ordinal, this.serving.get(ordinal)?.metadata.uid ?? '');
    }
    this.grow();
  }

  /** Lets the stream have another number of replicas, as soon as there are as many servers; 0 deletes it. */
  resize(replicas: number): void {
    this.width = replicas;
    this.replicas = this.replicas.slice(0, replicas);
  }

  private grow(): void {
    const width = this.replicas.length === 0 ? Math.min(3, this.width) : this.width;
    if (this.peers.size < width) return;
    const others = [...this.peers].filter((ordinal) => !this.replicas.includes(ordinal)).sort();
    const added = others.slice(0, width - this.replicas.length);
    this.replicas = [...this.replicas, ...added];
    for (const ordinal of added) this.copies(ordinal);
  }

  /** A new replica has yet to catch up. */
  private copies(ordinal: number): void {
    const pod = this.serving.get(ordinal);
    if (pod) this.servingSince.set(pod.metadata.uid, this.now);
  }

  /** Whether the stream would keep a majority of current replicas without that member. */
  isSpare(ordinal: number): boolean {
    if (!this.replicas.includes(ordinal)) return true;
    const others = this.replicas.filter((other) => other !== ordinal && this.isCurrent(other));
    return others.length * 2 > this.replicas.length;
  }

  /** The pods that were made again and have not caught up with the replica that their member has. */
  copying(): Pod[] {
    return this.replicas.flatMap((ordinal) => {
      const pod = this.serving.get(ordinal);
      const before = this.wholeOn.get(ordinal);
      const isNew = before !== undefined && before !== pod?.metadata.uid;
      return pod && isNew && !this.isCurrent(ordinal) ? [pod] : [];
    });
  }

  /** Whether the servers would keep a majority without that member. */
  hasMajorityWithout(ordinal: number): boolean {
    const others = [...this.peers].filter((other) => other !== ordinal && this.serving.has(other));
    return others.length * 2 > this.peers.size;
  }

  /** What the server of a member says. */
  report(ordinal: number): JetStreamReport {
    const leads = this.leader === ordinal;
    const peer = (other: number) => ({
      name: nameOf(other),
      current: this.isCurrent(other),
      offline: !this.serving.has(other),
      lag: 0,
    });
    const others = (of: Iterable<number>) => [...of].filter((other) => other !== ordinal).map(peer);
    const holds = this.replicas.includes(ordinal);
    const up = this.replicas.filter((other) => this.serving.has(other));
    const elected = up.length * 2 > this.replicas.length;
    // whoever has most is elected, and whoever is elected has all there is
    const leader = up.find((other) => this.isCurrent(other)) ?? up[0];
    const group = {
      account: '$G',
      stream: 'ORDERS',
      leader: elected && leader !== undefined ? nameOf(leader) : undefined,
      replicas: others(this.replicas),
      wanted: this.replicas.length,
      inMemory: false,
      moving: false,
      apiLevel: 0,
    };
    return {
      enabled: true,
      meta: {
        leader: this.leader === undefined ? undefined : nameOf(this.leader),
        size: this.peers.size,
        peers: leads ? others(this.peers) : [],
      },
      streams: holds ? 1 : 0,
      groups: holds ? [group] : [],
    };
  }

  /** Does what servers are asked for. A move copies in no time here, but the copy has to catch up. */
  obey(command: Command): void {
    if (command.kind === 'stepDownMetaLeader') {
      this.leader = [...this.peers].filter((ordinal) => ordinal !== this.leader && this.serving.has(ordinal)).sort()[0];
    } else if (command.kind === 'moveStream') {
      const from = [...this.peers].find((ordinal) => nameOf(ordinal) === command.server);
      const to = [...this.peers].sort().find((other) => !this.replicas.includes(other) && this.serving.has(other));
      if (from === undefined || to === undefined) return;
      this.replicas = [...this.replicas.filter((ordinal) => ordinal !== from), to];
      this.copies(to);
    } else if (command.kind === 'removePeer') {
      const peer = [...this.peers].find((ordinal) => nameOf(ordinal) === command.peer);
      if (peer === undefined) return;
      this.peers.delete(peer);
      const pod = this.serving.get(peer);
      if (pod) this.removed.add(pod.metadata.uid);
    }
  }

  private isCurrent(ordinal: number): boolean {
    const pod = this.serving.get(ordinal);
    return pod !== undefined && this.now - (this.servingSince.get(pod.metadata.uid) ?? this.now) >= catchUp;
  }
}

function nameOf(ordinal: number): string {
  return `${clusterName}-${ordinal}`;
}
