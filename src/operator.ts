import Operator, { ResourceEventType, type ResourceEvent, type ResourceMeta } from '@dot-i/k8s-operator';
import { type KubernetesObject } from '@kubernetes/client-node';
import { type Server } from 'node:http';
import { join } from 'node:path';
import { type Controller } from './controllers/controller';
import { Workers } from './controllers/workers';
import { ApiClient } from './kubernetes/api-client';
import { asApiError } from './kubernetes/api-error';
import { Caches } from './kubernetes/caches';
import { Connection } from './kubernetes/connection';
import { ensureCrd, readCrd } from './kubernetes/crds';
import { Events } from './kubernetes/events';
import { LeaderElection } from './kubernetes/leader-election';
import { type StoredObject } from './kubernetes/object';
import { collectionPath, type ResourceKind } from './kubernetes/resource-kind';
import { idOf, kindOf, metaOf } from './kubernetes/sdk-meta';
import { type Log } from './observability/log';
import { Metrics } from './observability/metrics';
import { serve } from './observability/server';
import { type Options } from './options';

const leaseName = 'nats-operator';
const reconcileTimeoutSeconds = 120;
/** For reconciles that run when the operator stops. Kubernetes gives a pod 30 s. */
const drainSeconds = 15;

/** What the operator lends its controllers. */
export interface Tools {
  readonly client: ApiClient;
  readonly caches: Caches;
  readonly events: Events;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Whether the whole Kubernetes cluster is served. Else there are rights in some namespaces only, and nodes can't be seen. */
  readonly clusterWide: boolean;
  /** Adds a finalizer, or runs `cleanUp` and removes it where the object is being deleted; see `NatsOperator.finalize`. */
  readonly finalize: NatsOperator['finalize'];
}

/** Makes the controllers; called once, before the caches fill. */
export type Controllers = (tools: Tools) => readonly Controller[];

/**
 * The SDK's operator with its shape kept and its engine replaced: caches that survive any fault of a watch, a queue of
 * keys for each controller, leader election, and writes that can't overwrite what somebody else wrote.
 */
export class NatsOperator extends Operator {
  private readonly metrics = new Metrics();
  private readonly stopping = new AbortController();
  private readonly connection: Connection;
  private readonly leaseConnection: Connection;
  private readonly election: LeaderElection;
  private readonly client: ApiClient;
  private readonly caches: Caches;
  private readonly events: Events;
  private workers: Workers[] = [];
  private server?: Server;
  private synced = false;

  constructor(
    private readonly options: Options,
    private readonly log: Log,
    private readonly controllers: Controllers,
    /** Folder of the CRDs to install. */
    private readonly crdFolder: string,
  ) {
    super({
      debug: (text) => {
        log.debug(text);
      },
      info: (text) => {
        log.info(text);
      },
      warn: (text) => {
        log.warn(text);
      },
      error: (text) => {
        log.error(text);
      },
    });
    this.connection = new Connection(this.kubeConfig);
    // the lease has sockets of its own: calls that the API server is slow with must not cost the lead
    this.leaseConnection = new Connection(this.kubeConfig);
    const observed = { onAnswer: this.metrics.answered };
    const unfenced = new ApiClient(this.connection, observed);
    const lease = { namespace: options.leaseNamespace, name: leaseName };
    this.election = new LeaderElection(new ApiClient(this.leaseConnection, observed), {
      lease,
      identity: options.identity,
      onTrouble: (error) => {
        log.warn({ err: error }, 'the lease could not be read or written');
      },
    });
    this.client = options.leaderElection ? unfenced.with({ fence: this.election.fence }) : unfenced;
    const untilStopped = this.client.with({ signal: this.stopping.signal });
    this.caches = new Caches(untilStopped, options.namespaces, (what, err) => {
      log.warn({ err }, `${what}: trouble, it goes on`);
    });
    this.events = new Events(this.client, options.identity, (err) => {
      log.warn({ err }, 'an event could not be written');
    });
  }

  /**
   * Runs until `stop`, or until the lead is lost. Resolves when all work has ended. Throws where it can't start, with a
   * message that says why.
   */
  override async start(): Promise<void> {
    const { signal } = this.stopping;
    this.server = await serve(this.options.listen, this.metrics, {
      live: () => this.workers.every((workers) => workers.moving),
      ready: () => this.synced,
    });
    try {
      const begun = await this.init().then(
        () => true,
        (error: unknown) => {
          if (!signal.aborted) throw error;
          return false;
        },
      );
      if (!begun) return;
      const informers = this.caches.run(signal);
      await Promise.race([this.caches.synced(), informers]);
      if (signal.aborted) return;
      this.synced = true;
      this.log.info({ objects: Object.fromEntries(this.caches.sizes()) }, 'caches are filled');
      await this.lead(signal);
      this.stopping.abort();
      await informers;
    } finally {
      this.stopping.abort();
      this.connection.close();
      this.leaseConnection.close();
      this.server.close();
      this.server.closeAllConnections();
    }
  }

  /** Ends the operator: running reconciles may finish, the lease is given away, `start` resolves. */
  override stop(): void {
    this.stopping.abort();
  }

  /** Counts an error that nobody caught. */
  unhandledRejection(): void {
    this.metrics.unhandledRejection();
  }

  /**
   * Adds the finalizer to an object that lacks it, or runs `cleanUp` and removes it where the object is being deleted.
   * Resolves with the object that has the finalizer, or undefined where it is on its way out and the caller has nothing left
   * to do. Throws a conflict where somebody wrote the object since. The signal ends the call.
   */
  readonly finalize = async (
    kind: ResourceKind,
    object: StoredObject,
    finalizer: string,
    cleanUp: () => Promise<void>,
    signal?: AbortSignal,
  ): Promise<StoredObject | undefined> => {
    const meta = metaOf(idOf(kind), object);
    if (signal) this.signals.set(meta, signal);
    // the SDK pushes to the list of finalizers, and this object is the cache's
    const copy = structuredClone(object) as unknown as KubernetesObject;
    const event: ResourceEvent = { meta, object: copy, type: ResourceEventType.Modified };
    if (!(await this.handleResourceFinalizer(event, finalizer, cleanUp))) return object;
    return object.metadata.deletionTimestamp ? undefined : this.finalized.get(meta);
  };

  protected override async init(): Promise<void> {
    for (const file of ['natsclusters.yaml', 'natsserviceroles.yaml']) {
      await this.registerCustomResourceDefinition(join(this.crdFolder, file));
    }
    const { client, caches, events, log, metrics, finalize } = this;
    const clusterWide = this.options.namespaces.length === 0;
    for (const controller of this.controllers({ client, caches, events, log, metrics, clusterWide, finalize })) {
      this.register(controller);
    }
  }

  /** Installs or checks a CRD; see `ensureCrd`. Unlike the SDK's, it also updates one that is there. */
  protected override async registerCustomResourceDefinition(crdFile: string) {
    const crd = readCrd(crdFile);
    // before anyone leads: all replicas write the same
    const client = this.client.with({ fence: undefined, signal: this.stopping.signal });
    await ensureCrd(client, crd, this.options.installCrds, (words) => {
      this.log.warn(words);
    });
    const { group, versions, names } = crd.spec;
    return { group, versions: versions.map((version) => ({ ...version })), plural: names.plural };
  }

  /** Adds or removes finalizers, unless somebody wrote the object since it was read: then it throws a conflict. */
  protected override async setResourceFinalizers(meta: ResourceMeta, finalizers: string[]): Promise<void> {
    const { resourceVersion } = meta;
    const client = this.client.with({ signal: this.signals.get(meta) });
    try {
      const written = await client.mergePatch(kindOf(meta), meta, { metadata: { finalizers } }, { resourceVersion });
      this.finalized.set(meta, written);
    } catch (error) {
      if (!asApiError(error)?.notFound) throw error;
    }
  }

  /** Replaces the status, unless somebody wrote the object since it was read: then it throws a conflict. */
  protected override async setResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta> {
    const { apiVersion, kind, namespace, name, resourceVersion } = meta;
    const object = { apiVersion, kind, metadata: { namespace, name, resourceVersion }, status };
    return metaOf(meta.id, await this.client.replace(kindOf(meta), object, 'status'));
  }

  /** Changes fields of the status (JSON merge patch), unless somebody wrote the object since: then it throws a conflict. */
  protected override async patchResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta> {
    const { resourceVersion } = meta;
    const stored = await this.client.mergePatch(kindOf(meta), meta, { status }, { resourceVersion }, 'status');
    return metaOf(meta.id, stored);
  }

  /** The URL of a collection. The SDK's own asks its client for a field that client-node 1 does not have. */
  protected override getCustomResourceApiUri(
    group: string,
    version: string,
    plural: string,
    namespace?: string,
  ): string {
    const kind = { group, version, plural, kind: plural, namespaced: true };
    return `${this.kubeConfig.getCurrentCluster()?.server ?? ''}${collectionPath(kind, namespace)}`;
  }

  /** Not to be used: it ends the process on any fault. Controllers name what they watch instead. */
  protected override watchResource(): Promise<void> {
    return Promise.reject(new Error('controllers say what they watch in `watches`; watchResource is not used'));
  }

  private readonly signals = new WeakMap<ResourceMeta, AbortSignal>();
  /** Objects as they are since their finalizers were written. */
  private readonly finalized = new WeakMap<ResourceMeta, StoredObject>();

  private register(controller: Controller): void {
    const { maxConcurrentReconciles: count } = this.options;
    const options = { count, timeoutSeconds: reconcileTimeoutSeconds };
    this.workers.push(new Workers(controller, this.caches, this.log, this.metrics, options));
  }

  private async lead(signal: AbortSignal): Promise<void> {
    const { leaderElection } = this.options;
    if (leaderElection) {
      this.log.info('waiting for the lead');
      await this.election.acquire(signal);
    }
    if (signal.aborted) {
      if (leaderElection) await this.election.release(); // it may have come at the last moment
      return;
    }
    this.metrics.leads(leaseName, true);
    this.log.info('leading');
    for (const workers of this.workers) workers.start();
    // the lease is held on to until the last reconcile has ended
    const released = new AbortController();
    const held = leaderElection ? this.election.hold(released.signal) : aborted(released.signal);
    await Promise.race([aborted(signal), held]);
    const lost = leaderElection && !this.election.leads;
    await Promise.all(this.workers.map((workers) => workers.stop(lost ? 0 : drainSeconds)));
    released.abort();
    await held;
    this.metrics.leads(leaseName, false);
    if (lost) throw new Error('the lead was lost: another replica goes on, this one starts again');
    if (leaderElection) await this.election.release();
    this.log.info('stopped');
  }
}

/** Resolves with the signal. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}
