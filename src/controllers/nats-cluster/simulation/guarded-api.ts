import { type Api } from '../act';
import { isOwnedBy } from '../plan/owner';
import { type Pod, type StoredObject, type WantedObject } from '../plan/situation';
import { clusterName, configOf, neededConfig, ordinalOf, wantedOf, type Cluster } from './model';
import { readyOf, type NodeObject, type World } from './world';

/** The API server says no: the object is there already, gone, or not as it was. */
export class Refused extends Error {}

/** The operator dies here. */
export class Crash extends Error {}

/** Something that must never happen. */
export class Violation extends Error {}

/** Lost members may be doubled: since so long not ready, or so long overdue. */
const lostAfterSeconds = 20;
const overdueSeconds = 60;

/** The API of the world, as an operator that may die after some writes uses it. Each write is held against what must hold. */
export class GuardedApi implements Api {
  /** Writes so far. */
  writes = 0;

  constructor(
    private readonly world: World,
    private readonly configsWritten: Set<string>,
    private readonly dieAfter = Infinity,
  ) {}

  pods(): Promise<Pod[]> {
    return Promise.resolve(this.world.pods);
  }

  cluster() {
    return Promise.resolve(this.world.cluster);
  }

  node(name: string) {
    return Promise.resolve(this.world.log.get<NodeObject>('nodes', name));
  }

  isStale(error: Error): boolean {
    return error instanceof Refused;
  }

  async apply(wanted: WantedObject): Promise<void> {
    const key = `${wanted.kind}/${wanted.metadata.name}`;
    await this.write(`apply ${key}`);
    const live = this.world.log.get('objects', key);
    if (live?.metadata.ownerReferences?.some(({ uid }) => !uid.startsWith('uid-'))) {
      throw new Violation(`${key} of somebody else was taken over`);
    }
    const { metadata } = live ?? this.world.object(wanted.kind, wanted.metadata.name);
    const object = { ...live, ...wanted, metadata: { ...metadata, ...wanted.metadata } };
    const { conf } = (object as { data?: { conf?: string } }).data ?? {};
    if (conf !== undefined) this.configsWritten.add(conf);
    this.world.log.put('objects', object, key);
  }

  async create(wanted: WantedObject): Promise<void> {
    const { name } = wanted.metadata;
    await this.write(`create ${name} of member ${ordinalOf(wanted)}`);
    if (this.world.log.get('pods', name)) throw new Refused(`${name} exists`);
    const { metadata } = this.world.object('Pod', name);
    const pod = { ...wanted, metadata: { ...metadata, ...wanted.metadata } } as StoredObject;
    this.judgeCreate(pod as Pod);
    this.world.createPod(pod);
  }

  async relabel(
    object: StoredObject,
    labels: Record<string, string | null>,
    annotations: Record<string, string | null>,
  ) {
    await this.write(`relabel ${object.metadata.name}`);
    const { metadata, ...pod } = this.same(object);
    this.judgeOwn({ metadata });
    this.world.log.put('pods', {
      ...pod,
      metadata: {
        ...metadata,
        labels: merge(metadata.labels, labels),
        annotations: merge(metadata.annotations, annotations),
      },
    });
  }

  async delete(object: StoredObject, { graceSeconds }: { graceSeconds?: 0 } = {}): Promise<void> {
    const { kind, metadata } = object;
    await this.write(`${graceSeconds === 0 ? 'forget' : 'delete'} ${metadata.name}`);
    if (kind === 'PodDisruptionBudget') {
      this.world.log.remove('objects', `${kind}/${metadata.name}`);
      return;
    }
    const pod = this.same(object);
    this.judgeOwn(pod);
    if (graceSeconds === 0) this.judgeForget(pod);
    else this.judgeDelete(pod);
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
    const live = this.world.log.get<Pod>('pods', name);
    if (live?.metadata.uid !== uid || live.metadata.resourceVersion !== resourceVersion)
      throw new Refused(`${name} has changed`);
    return live;
  }

  private judgeOwn(pod: StoredObject): void {
    const { cluster } = this.world;
    if (!cluster || !isOwnedBy(pod, cluster.metadata)) throw new Violation(`${pod.metadata.name} is not ours`);
  }

  private judgeCreate(pod: Pod): void {
    const config = neededConfig(pod) ?? '';
    if (!this.configsWritten.has(config)) throw new Violation(`a pod needs a config that was never written: ${config}`);
    const { cluster } = this.world;
    if (!cluster || !isOwnedBy(pod, cluster.metadata)) return; // collected as garbage
    const twin = this.world.ownPods.find((other) => ordinalOf(other) === ordinalOf(pod) && this.maySurelyRun(other));
    if (twin) throw new Violation(`member ${ordinalOf(pod)} has the pod ${twin.metadata.name} already`);
  }

  /** Whether a pod is neither ended nor lost. */
  private maySurelyRun(pod: Pod): boolean {
    const { now } = this.world;
    if (pod.status?.phase === 'Failed') return false;
    const due = pod.metadata.deletionTimestamp;
    if (due && now >= Date.parse(due) + overdueSeconds * 1000) return false;
    if (!pod.spec.nodeName) return true;
    const node = this.world.log.get<NodeObject>('nodes', pod.spec.nodeName);
    if (!node || node.spec?.taints) return false;
    const since = Date.parse(node.status?.conditions?.[0]?.lastTransitionTime ?? '');
    return readyOf(node) === 'True' || now < since + lostAfterSeconds * 1000;
  }

  private judgeForget(pod: Pod): void {
    const node = this.world.log.get<NodeObject>('nodes', pod.spec.nodeName ?? '');
    if (node && !node.spec?.taints) throw new Violation(`${pod.metadata.name} was forgotten, but its node is there`);
  }

  /** A member that serves is only stopped where the spec asks for it, and the others carry on. */
  private judgeDelete(pod: Pod): void {
    const { cluster } = this.world;
    if (!cluster || !this.world.serves(pod) || cluster.metadata.deletionTimestamp) return;
    const { size, maxUnavailable, paused } = cluster.spec;
    const others = this.world.ownPods.filter((other) => other !== pod && this.world.serves(other)).map(ordinalOf);
    if (others.includes(ordinalOf(pod))) return;
    const serving = new Set(others).size;
    const name = pod.metadata.name;
    if (serving < size - maxUnavailable)
      throw new Violation(`${name} was stopped and only ${serving} of ${size} serve`);
    const wanted = wantedOf(cluster, this.world.log.all('secrets'));
    if (paused || !wanted) throw new Violation(`${name} was stopped although the spec is paused or invalid`);
    if (ordinalOf(pod) >= size) return;
    if (pod.metadata.annotations?.['nats.io/restart-hash'] === wanted.restartHash) {
      throw new Violation(`${name} is as the spec asks, and was stopped`);
    }
    if (this.world.monitoringDown || (this.world.routesBroken && serving > 0)) {
      throw new Violation(`${name} was stopped although the routes are not known to be whole`);
    }
    if (!this.configsWritten.has(configOf(cluster.spec)))
      throw new Violation(`${name} was stopped before its config was written`);
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
