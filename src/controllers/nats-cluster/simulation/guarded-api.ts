import { type Api } from '../act';
import { type NewObject, type StoredObject } from '../../../kubernetes/object';
import { type Denied } from '../plan/denied';
import { type Pod } from '../plan/situation';
import { nameOf, type Command } from '../../../nats/commands';
import { type SystemAccess } from '../../../nats/system-client';
import { judgeCreate, judgeDelete, judgeForget, judgeOwn, judgeRelabel, judgeRemove, Violation } from './invariants';
import { withVolume } from './claims';
import { clusterName, ordinalOf, type Cluster, type ConfigSecret } from './model';
import { type World } from './world';

/** The API server says no: the object is there already, gone, or not as it was. */
export class Refused extends Error {}

/** The operator dies here. */
export class Crash extends Error {}

/** The API of the world, as an operator that may die after some writes uses it. Each write is held against what must hold. */
export class GuardedApi implements Api {
  /** Writes so far. */
  writes = 0;
  /** What servers were asked for, by uid of their pod. */
  private readonly asked = new Map<string, Command>();

  constructor(
    private readonly world: World,
    /** Told of the key of each object before it is made. */
    private readonly onMake: (key: string) => void,
    private readonly dieAfter = Infinity,
  ) {}

  pods(): Promise<Pod[]> {
    return Promise.resolve(this.world.pods);
  }

  cluster() {
    return Promise.resolve(this.world.cluster);
  }

  node(name: string) {
    return Promise.resolve(this.world.node(name));
  }

  object({ kind, metadata }: StoredObject) {
    return Promise.resolve(this.world.log.get('objects', `${kind}/${metadata.name}`));
  }

  async command(pod: Pod, command: Command, access: SystemAccess): Promise<Denied | undefined> {
    await this.write(`ask ${pod.metadata.name} to ${nameOf(command)}`);
    const { servers, ledger, story } = this.world;
    ledger.judge(pod, command);
    const denied = servers.command(pod, command, access);
    if (denied) story.push(`  ${pod.metadata.name} does not: ${denied.words}`);
    this.asked.set(pod.metadata.uid, command);
    return denied;
  }

  isStale(error: Error): boolean {
    return error instanceof Refused;
  }

  async apply(wanted: NewObject): Promise<void> {
    const key = `${wanted.kind}/${wanted.metadata.name}`;
    const { resourceVersion } = wanted.metadata;
    if (resourceVersion === undefined) this.onMake(key);
    await this.write(`apply ${key}`);
    const live = this.world.log.get('objects', key);
    if (live && resourceVersion !== live.metadata.resourceVersion) throw new Refused(`${key} has changed`);
    if (live?.metadata.ownerReferences?.some(({ uid }) => !uid.startsWith('uid-'))) {
      throw new Violation(`${key} of somebody else was taken over`);
    }
    const { metadata } = live ?? this.world.object(wanted.kind, wanted.metadata.name);
    // what the operator wrote before and names no longer is gone: all of it is its own here
    const object = { ...live, ...wanted, metadata: { ...metadata, annotations: undefined, ...wanted.metadata } };
    if (key === `Secret/${clusterName}`) this.world.ledger.writesConfig(live as ConfigSecret, object as ConfigSecret);
    this.world.log.put('objects', withVolume(object as StoredObject), key);
  }

  async create(wanted: NewObject): Promise<void> {
    const { name } = wanted.metadata;
    await this.write(`create ${name} of member ${ordinalOf(wanted)}`);
    if (this.world.pod(name)) throw new Refused(`${name} exists`);
    const { metadata } = this.world.object('Pod', name);
    const pod = { ...wanted, metadata: { ...metadata, ...wanted.metadata } } as StoredObject;
    judgeCreate(this.world, pod as Pod);
    this.world.createPod(pod);
    this.world.ledger.touches(pod as Pod);
  }

  async relabel(
    object: StoredObject,
    labels: Record<string, string | null>,
    annotations: Record<string, string | null>,
  ) {
    await this.write(`relabel ${object.metadata.name}`);
    const pod = this.same(object);
    const { metadata } = pod;
    judgeRelabel(this.world, pod);
    this.world.log.put('pods', {
      ...pod,
      metadata: {
        ...metadata,
        labels: merge(metadata.labels, labels),
        annotations: merge(metadata.annotations, annotations),
      },
    });
    this.world.ledger.touches(pod);
    const command = this.asked.get(metadata.uid);
    if (command) this.world.ledger.notes(pod, command);
  }

  async delete(object: StoredObject, { graceSeconds }: { graceSeconds?: 0 } = {}): Promise<void> {
    const { kind, metadata } = object;
    await this.write(`${graceSeconds === 0 ? 'forget' : 'delete'} ${metadata.name}`);
    if (kind !== 'Pod') {
      const key = `${kind}/${metadata.name}`;
      const live = this.world.log.get('objects', key);
      if (live?.metadata.uid !== metadata.uid || live.metadata.resourceVersion !== metadata.resourceVersion)
        throw new Refused(`${key} has changed`);
      judgeRemove(this.world, live);
      this.world.log.remove('objects', key);
      return;
    }
    const pod = this.same(object);
    judgeOwn(this.world, pod);
    if (graceSeconds === 0) judgeForget(this.world, pod);
    else judgeDelete(this.world, pod);
    this.world.deletePod(pod, graceSeconds);
  }

  async setCluster(cluster: Cluster, what: string): Promise<void> {
    await this.write(what);
    const live = this.world.cluster;
    if (live?.metadata.resourceVersion !== cluster.metadata.resourceVersion)
      throw new Refused('the cluster has changed');
    if (cluster.metadata.deletionTimestamp && !cluster.metadata.finalizers?.length) {
      this.world.log.remove('cluster', clusterName);
    } else this.world.log.put('cluster', cluster);
  }

  private async write(what: string): Promise<void> {
    await Promise.resolve();
    if (this.writes >= this.dieAfter) throw new Crash();
    this.writes++;
    this.world.story.push(`  the operator writes: ${what}`);
  }

  private same({ metadata: { name, uid, resourceVersion } }: StoredObject): Pod {
    const live = this.world.pod(name);
    if (live?.metadata.uid !== uid || live.metadata.resourceVersion !== resourceVersion)
      throw new Refused(`${name} has changed`);
    return live;
  }
}

function merge(
  live: Readonly<Record<string, string>> = {},
  changes: Record<string, string | null>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...live, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}
