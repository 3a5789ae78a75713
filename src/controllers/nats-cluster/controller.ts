import { type CacheEvent, type Cache } from '../../kubernetes/cache-store';
import { type ApiClient } from '../../kubernetes/api-client';
import { asApiError } from '../../kubernetes/api-error';
import { keyText, parseKey, type Key, type NewObject, type StoredObject } from '../../kubernetes/object';
import { kinds } from '../../kubernetes/resource-kind';
import { type Tools } from '../../operator';
import { parsedOnce } from './parsed-once';
import { clusterLabel } from '../../templates/names';
import { secretReferences } from '../../templates/secrets';
import { ServiceUsers } from '../nats-service-role/service-users';
import { after, done, whenQuiet, type Controller, type Queue, type Result, type Watched } from '../controller';
import { act } from './act';
import { ClusterApi } from './cluster-api';
import { natsClusterKind, ownedKinds, type StoredCluster } from './kind';
import { NamesTried } from './names-tried';
import { byCluster, observe, type Sight } from './observe';
import { addressOf } from './plan/external-addresses';
import { planCluster, type Plan } from './plan/plan';
import { nodeShape } from './node-shape';
import { podShape } from './pod-shape';
import { PodMonitors } from './pod-monitors';
import { isSameNode } from './plan/pod-state';
import { type Node, type Pod } from './plan/situation';
import { figuresOf } from './figures';
import { announce, refused, report, type Mouthpiece } from './report';
import { secondsUntilTold } from './status';
import { SystemPasswords } from './system-password';
import { secretShape, UserSecrets } from './user-secrets';

/** Keeps a deleted NatsCluster until its members have left, where they are to leave one by one. */
const finalizer = 'nats.io/operator';

/** Seconds until caches have caught up with what turned out to be newer. */
const catchUpSeconds = 0.5;

const bySecret = 'secret';
const byNode = 'node';

/** Runs NATS clusters: sees what there is, plans what is next, does it, and tells of it. */
export class NatsClusterController implements Controller {
  readonly name = 'nats-cluster';
  readonly watches: readonly Watched[];
  private readonly clusters: Cache<StoredCluster>;
  /** Clusters as they were before we wrote their finalizer: caches give another object for what came after. */
  private readonly finalized = new WeakSet<StoredCluster>();
  private readonly sight: Sight;
  private readonly secrets: UserSecrets;

  constructor(private readonly tools: Tools) {
    const { client, caches, clusterWide } = tools;
    const clusters = { kind: natsClusterKind, indexes: { [bySecret]: secretsOf } };
    const labelled = { labelSelector: clusterLabel, indexes: { [byCluster]: clusterOf } };
    const pods = { kind: kinds.pod, ...labelled, indexes: { ...labelled.indexes, [byNode]: nodeOf }, shape: podShape };
    const objects = ownedKinds.map((kind) => ({ kind, ...labelled }));
    const secrets = { kind: kinds.secret, metadataOnly: true, shape: secretShape };
    const nodes = { kind: kinds.node, shape: nodeShape };
    const serviceUsers = new ServiceUsers(caches);
    this.clusters = caches.of<StoredCluster>(clusters);
    this.secrets = new UserSecrets(client, caches.of(secrets));
    this.sight = {
      client,
      pods: caches.of<StoredObject & Pod>(pods),
      objects: objects.map((request) => caches.of(request)),
      nodes: clusterWide ? caches.of<StoredObject & Node>(nodes) : undefined,
      secrets: this.secrets,
      podMonitors: new PodMonitors(client),
      passwords: new SystemPasswords(),
      tried: new NamesTried(),
      serviceUsers,
    };
    this.watches = [
      { ...clusters, keysOf: clusterEvent },
      ...[pods, ...objects].map((request) => ({ ...request, keysOf: (event: CacheEvent) => this.ownedEvent(event) })),
      { ...secrets, keysOf: (event) => this.secretEvent(event) },
      ...serviceUsers.watches,
      ...(clusterWide ? [{ ...nodes, keysOf: (event: CacheEvent) => this.nodeEvent(event) }] : []),
    ];
  }

  async reconcile(key: Key, signal: AbortSignal, queue: Queue): Promise<Result> {
    const cluster = this.clusters.get(key);
    if (!cluster) {
      this.tools.metrics.clusters.forget(key);
      this.sight.passwords.forget(key);
      this.sight.tried.forget(key);
      return done;
    }
    const client = this.tools.client.with({ signal }); // whatever hangs ends with the reconcile
    const mouthpiece = this.mouthpieceOf(cluster, client);
    const sight = { ...this.sight, client, secrets: this.secrets.with(client) };
    const plan = planCluster(await observe(sight, cluster, Date.now()));
    signal.throwIfAborted();
    this.tools.metrics.clusters.saw(key, figuresOf(plan.view));
    const outcome = await this.act(client, mouthpiece, cluster, plan);
    if (plan.mayGo) return (await this.finalize(cluster, signal)) === 'stale' ? after(catchUpSeconds) : done;
    if (outcome === 'stale') return after(catchUpSeconds);
    announce(mouthpiece, cluster, plan);
    // deeds before words: with a thousand clusters to bring up, what is told a moment later is told once
    if (queue.busy) return whenQuiet;
    const pause = secondsUntilTold(plan);
    if (pause !== undefined) return after(Math.min(pause, plan.again ?? pause));
    // It comes after the deeds: whatever is deleted without it is collected as garbage, and only the leave one by one needs it.
    const finalized = cluster.metadata.deletionTimestamp ? cluster : await this.finalize(cluster, signal);
    if (!finalized) return done;
    if (finalized === 'stale' || (await report(mouthpiece, finalized, plan)) === 'stale') return after(catchUpSeconds);
    return plan.again === undefined ? done : after(plan.again);
  }

  /** What the API server refuses is told to the user before it is tried again. */
  private async act(client: ApiClient, mouthpiece: Mouthpiece, cluster: StoredCluster, plan: Plan) {
    try {
      const onMake = (object: NewObject) => {
        // of a kind that is not watched each is read in any case
        if (object.kind !== kinds.podMonitor.kind) this.sight.tried.add(cluster.metadata, object);
      };
      return await act(new ClusterApi(client, onMake), plan);
    } catch (error) {
      const refusal = asApiError(error);
      if (refusal && !refusal.transient) {
        await report(mouthpiece, cluster, refused(plan, refusal.message));
      }
      throw error;
    }
  }

  private mouthpieceOf(cluster: StoredCluster, client: ApiClient): Mouthpiece {
    const { events, log } = this.tools;
    return { client, events, log: log.child({ cluster: keyText(cluster.metadata) }) };
  }

  /** The cluster with its finalizer, none where it is gone, or stale where it was written since it was looked at, most likely by us. */
  private async finalize(cluster: StoredCluster, signal: AbortSignal): Promise<StoredCluster | undefined | 'stale'> {
    // the event of a pod may come before that of our own write: a second attempt would conflict for sure
    if (this.finalized.has(cluster)) return 'stale';
    try {
      const written = await this.tools.finalize(natsClusterKind, cluster, finalizer, () => Promise.resolve(), signal);
      if (written !== cluster) this.finalized.add(cluster);
      return written as StoredCluster | undefined;
    } catch (error) {
      if (asApiError(error)?.conflict) return 'stale';
      throw error;
    }
  }

  private ownedEvent({ object, before }: CacheEvent) {
    // an object that loses its label comes as deleted, and without it
    return unique([...clusterOf(object), ...(before ? clusterOf(before) : [])]);
  }

  private secretEvent({ object }: CacheEvent) {
    return this.clusters.byIndex(bySecret, keyText(object.metadata)).map(({ metadata }) => ({ key: metadata }));
  }

  private nodeEvent({ object, before, type }: CacheEvent) {
    if (type === 'MODIFIED' && before && isSameNode(object, before) && addressOf(object) === addressOf(before))
      return [];
    const pods = this.sight.pods.byIndex(byNode, object.metadata.name);
    return unique(pods.flatMap(clusterOf));
  }
}

/** An edit by a user comes first; what was there before this process has time; our own writes are no news. */
function clusterEvent({ type, object, before }: CacheEvent): ReturnType<Watched['keysOf']> {
  const key = object.metadata;
  if (type === 'ADDED') {
    const isNew = Date.now() - Date.parse(object.metadata.creationTimestamp) < 60_000;
    return [{ key, priority: isNew ? 'high' : 'low' }];
  }
  // nothing is done then, but its metrics are forgotten
  if (type === 'DELETED') return [{ key, priority: 'low' }];
  const changed = object.metadata.generation !== before?.metadata.generation;
  const lostFinalizer = hasFinalizer(before) && !hasFinalizer(object);
  const isOwn = !changed && !lostFinalizer && text(before) === text(object);
  return isOwn ? [] : [{ key, priority: changed ? 'high' : 'normal' }];
}

/** The metadata that matters beside the generation and our finalizer. */
function text(object: StoredObject | undefined): string {
  const { annotations, labels, finalizers = [], deletionTimestamp } = object?.metadata ?? {};
  return JSON.stringify([annotations, labels, finalizers.filter((name) => name !== finalizer), deletionTimestamp]);
}

function hasFinalizer(object: StoredObject | undefined): boolean {
  return object?.metadata.finalizers?.includes(finalizer) ?? false;
}

function clusterOf({ metadata: { namespace, labels } }: StoredObject): string[] {
  const name = labels?.[clusterLabel];
  return name ? [keyText({ namespace, name })] : [];
}

function nodeOf(pod: StoredObject): string[] {
  const { nodeName } = (pod as StoredObject & Pod).spec;
  return nodeName ? [nodeName] : [];
}

function secretsOf(cluster: StoredObject): string[] {
  const { resource } = parsedOnce(cluster);
  const { namespace } = cluster.metadata;
  return resource ? secretReferences(resource).map(({ secret }) => keyText({ namespace, name: secret })) : [];
}

function unique(texts: readonly string[]): { key: Key }[] {
  return [...new Set(texts)].map((text) => ({ key: parseKey(text) }));
}
