import { type NewObject, type StoredObject } from '../../../kubernetes/object';
import { type NatsClusterStatus } from '../../../resources/nats-cluster/status';
import { clusterLabel } from '../../../templates/names';
import { act } from '../act';
import { serversToAsk } from '../plan/ask-servers';
import { planCluster, type Plan } from '../plan/plan';
import { type Pod, type Situation } from '../plan/situation';
import { survey } from '../plan/survey';
import { isPredecessor } from '../plan/adopt-predecessor';
import { SystemPasswords } from '../system-password';
import { statusOf } from '../status';
import { Cache, topics, type Topic } from './api-log';
import { Crash, GuardedApi, Refused } from './guarded-api';
import { judgePlan } from './invariants';
import { clusterName, finalizer, wantedOf, type Cluster } from './model';
import { type NodeObject, type World } from './world';

/** The JSON of each status that was written. */
const written = new WeakMap<NatsClusterStatus, string>();

/** The operator with its caches. All that it needs to remember is in them: a crash costs it nothing else. */
export class Operator {
  private caches = this.emptyCaches();
  /** When to look again without an event, as the last plan said. */
  private lookAgainAt = Infinity;
  /** Whether something was seen, or went wrong, since the last look. */
  private due = true;
  /** Keys of objects that it made or tried to make, as the controller's `NamesTried`. */
  private tried = new Set<string>();
  private passwords = new SystemPasswords(() => `p${++this.passwordsMade}`);
  private passwordsMade = 0;
  /** The reasons of all that it did and waited for. */
  readonly reasons = new Set<string>();

  constructor(private readonly world: World) {}

  /** The process starts: caches are filled from scratch. */
  restart(): void {
    this.caches = this.emptyCaches();
    this.tried = new Set();
    this.passwords = new SystemPasswords(() => `p${++this.passwordsMade}`);
    for (const cache of Object.values(this.caches)) cache.catchUp();
    this.due = true;
  }

  see(topic: Topic, count = Infinity): void {
    if (this.caches[topic].catchUp(count) > 0) this.due = true;
  }

  seeAll(): void {
    for (const topic of topics) this.see(topic);
  }

  /** Looks at the cluster only if there is a reason to. Returns how much was written. */
  async reconcileIfDue(): Promise<number> {
    if (!this.due && this.world.now < this.lookAgainAt) return 0;
    return this.reconcile();
  }

  /** Looks at the cluster, from the caches, and does what the plan says; dies after so many writes. */
  async reconcile(dieAfter = Infinity): Promise<number> {
    this.due = false;
    this.lookAgainAt = Infinity;
    const api = new GuardedApi(this.world, (key) => this.tried.add(key), dieAfter);
    try {
      await this.once(api);
    } catch (error) {
      if (error instanceof Crash) {
        this.world.story.push('  the operator dies and starts again');
        this.restart();
      } else if (error instanceof Refused) this.due = true;
      else throw error;
    }
    return api.writes;
  }

  private async once(api: GuardedApi): Promise<void> {
    const cluster = (this.caches.cluster.all() as Cluster[]).find(({ metadata }) => metadata.name === clusterName);
    if (!cluster) return;
    const plan = this.plan(cluster);
    judgePlan(plan);
    if (plan.again !== undefined) this.lookAgainAt = this.world.now + plan.again * 1000;
    for (const { topic, reason, because } of plan.steps) {
      this.world.story.push(`  the operator: ${because} (${topic})`);
      this.reasons.add(reason);
    }
    const outcome = await act(api, plan);
    if (plan.mayGo) {
      await api.setCluster({ ...cluster, metadata: { ...cluster.metadata, finalizers: [] } }, 'the end');
      return;
    }
    if (outcome === 'stale') {
      this.due = true;
      return;
    }
    if (!cluster.metadata.deletionTimestamp && !cluster.metadata.finalizers) {
      const metadata = { ...cluster.metadata, finalizers: [finalizer] };
      await api.setCluster({ ...cluster, metadata }, 'the finalizer');
      return;
    }
    const text = JSON.stringify(statusOf(plan));
    if (cluster.status && written.get(cluster.status) === text) return;
    // as JSON, in which a value that is undefined is left out
    const status = JSON.parse(text) as NatsClusterStatus;
    written.set(status, text);
    await api.setCluster({ ...cluster, status }, 'the status');
  }

  private plan(cluster: Cluster): Plan {
    const pods = this.caches.pods.all() as Pod[];
    const password = this.passwords.of(cluster, this.objectOf(`Secret/${clusterName}`));
    const besideOld = pods.some((pod) => isPredecessor(pod, cluster));
    const wanted = wantedOf(cluster, { secrets: this.caches.secrets.all(), password, besideOld });
    const seen: Situation = {
      now: this.world.now,
      cluster,
      problems: wanted ? [] : [{ field: 'spec', message: 'is invalid' }],
      wanted,
      pods,
      nodes: new Map((this.caches.nodes.all() as NodeObject[]).map((node) => [node.metadata.name, node])),
      objects: this.objects(),
      servers: new Map(),
    };
    const asked = serversToAsk(survey(seen)).pods;
    return planCluster({
      ...seen,
      servers: new Map(asked.map((pod) => [pod.metadata.uid, this.world.servers.ask(pod, wanted?.access)])),
    });
  }

  /** What has our label, from the cache, and live what the cache does not show under names that were tried. */
  private objects(): StoredObject[] {
    const labelled = this.labelled();
    const keys = new Set(labelled.map(keyOf));
    const unseen = [...this.tried].filter((key) => !keys.has(key) && this.world.log.get('objects', key));
    this.tried = new Set(unseen);
    return [...labelled, ...unseen.flatMap((key) => this.world.log.get('objects', key) ?? [])];
  }

  private objectOf(key: string): StoredObject | undefined {
    return this.labelled().find((object) => keyOf(object) === key) ?? this.world.log.get('objects', key);
  }

  private labelled(): StoredObject[] {
    return this.caches.objects.all().filter(({ metadata }) => metadata.labels?.[clusterLabel] === clusterName);
  }

  private emptyCaches(): Record<Topic, Cache> {
    const { log } = this.world;
    return {
      cluster: new Cache(log, 'cluster'),
      pods: new Cache(log, 'pods'),
      nodes: new Cache(log, 'nodes'),
      objects: new Cache(log, 'objects'),
      secrets: new Cache(log, 'secrets'),
    };
  }
}

function keyOf({ kind, metadata }: NewObject): string {
  return `${kind}/${metadata.name}`;
}
