import { type Pod } from '../src/controllers/nats-cluster/plan/situation';
import { natsClusterKind, type StoredCluster } from '../src/controllers/nats-cluster/kind';
import { type ApiClient } from '../src/kubernetes/api-client';
import { type Cache } from '../src/kubernetes/cache-store';
import { Caches } from '../src/kubernetes/caches';
import { type StoredObject } from '../src/kubernetes/object';
import { kinds } from '../src/kubernetes/resource-kind';
import { clusterLabel } from '../src/templates/names';

/** Watches what happens, without the operator's help, and without a poll that would be a load itself. */
export class Onlooker {
  private readonly stopping = new AbortController();
  private readonly pods: Cache<StoredObject & Pod>;
  private readonly services: Cache;
  private readonly clusters: Cache<StoredCluster>;
  private readonly listeners = new Set<() => void>();

  private constructor(caches: Caches) {
    const labelled = { labelSelector: clusterLabel };
    const indexes = {
      ip: (pod: StoredObject) => [(pod as StoredObject & Pod).status?.podIP ?? ''],
      cluster: ({ metadata }: StoredObject) => [metadata.labels?.[clusterLabel] ?? ''],
    };
    this.pods = caches.of({
      kind: kinds.pod,
      ...labelled,
      indexes,
    });
    this.services = caches.of({ kind: kinds.service, ...labelled, metadataOnly: true });
    this.clusters = caches.of({ kind: natsClusterKind });
    for (const cache of [this.pods, this.services, this.clusters]) {
      cache.subscribe(() => {
        for (const listener of this.listeners) listener();
      });
    }
  }

  /** Starts to look. */
  static async start(client: ApiClient): Promise<Onlooker> {
    const caches = new Caches(client, [], (what, error) => {
      console.warn(`the bench: ${what}`, error);
    });
    const onlooker = new Onlooker(caches);
    void caches.run(onlooker.stopping.signal);
    await caches.synced();
    return onlooker;
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Addresses of the pods of the cluster that has a pod with this one. */
  neighbours(ip: string): string[] {
    const cluster = this.pods.byIndex('ip', ip)[0]?.metadata.labels?.[clusterLabel];
    return cluster === undefined
      ? []
      : this.pods.byIndex('cluster', cluster).flatMap(({ status }) => status?.podIP ?? []);
  }

  readyPods(): number {
    return this.pods.list().filter(({ metadata, status }) => !metadata.deletionTimestamp && isTrue(status?.conditions))
      .length;
  }

  /** Clusters whose status says that they are ready, as the spec is now. */
  readyClusters(): number {
    return this.clusters
      .list()
      .filter(({ metadata, status }) => status?.observedGeneration === metadata.generation && isTrue(status.conditions))
      .length;
  }

  /** Whether a cluster runs this version and says so. */
  runs(name: string, version: string): boolean {
    const cluster = this.clusters.get({ namespace: 'default', name });
    return (
      cluster?.status?.currentVersion === version && cluster.status.observedGeneration === cluster.metadata.generation
    );
  }

  /** A label of the client service of a cluster. */
  serviceLabel(name: string, label: string): string | undefined {
    return this.services.get({ namespace: 'default', name })?.metadata.labels?.[label];
  }

  /** Whether nothing is left. */
  isEmpty(): boolean {
    return this.pods.list().length + this.services.list().length + this.clusters.list().length === 0;
  }

  /** Resolves with the time, in milliseconds of `performance.now`, when `holds` first holds. Throws after so many seconds. */
  until(holds: () => boolean, seconds: number, what: string): Promise<number> {
    return new Promise((resolve, reject) => {
      let due = false;
      const look = () => {
        due = false;
        if (!holds()) return;
        finish();
        resolve(performance.now());
      };
      // many events are one look, so that looking costs less than what is looked at
      const listener = () => {
        if (!due) setTimeout(look, 5);
        due = true;
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`${what} took more than ${seconds} s`));
      }, seconds * 1000);
      const finish = () => {
        this.listeners.delete(listener);
        clearTimeout(timer);
      };
      this.listeners.add(listener);
      look();
    });
  }
}

function isTrue(conditions: readonly { type: string; status: string }[] | undefined): boolean {
  return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
