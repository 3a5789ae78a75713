import { type ApiClient } from '../../kubernetes/api-client';
import { type NewObject, type StoredObject } from '../../kubernetes/object';
import { kinds } from '../../kubernetes/resource-kind';
import { podMonitorName } from '../../templates/names';
import { type StoredCluster } from './kind';

/** How long an answer counts: whoever installs or removes the Prometheus operator waits no longer. */
const validMs = 30_000;

/**
 * PodMonitors are of a kind that not every API server has, and one that is missing can't be watched. So they are read one by
 * one, and only of clusters that want one, or that may have wanted one before their spec changed.
 */
export class PodMonitors {
  private known?: { readonly served: Promise<boolean>; readonly until: number };

  constructor(
    private readonly client: Pick<ApiClient, 'get' | 'serves'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether the API server has the kind. */
  served(): Promise<boolean> {
    if (!this.known || this.known.until < this.now()) {
      const served = this.client.serves(kinds.podMonitor);
      const known = { served, until: this.now() + validMs };
      this.known = known;
      served.catch(() => {
        if (this.known === known) this.known = undefined; // a failure is no answer
      });
    }
    return this.known.served;
  }

  /** The PodMonitor that a cluster has, wanted or left over from an older spec. */
  async of(cluster: StoredCluster, wanted: readonly NewObject[]): Promise<StoredObject[]> {
    const isWanted = wanted.some(({ kind }) => kind === kinds.podMonitor.kind);
    const isNews = cluster.status?.observedGeneration !== cluster.metadata.generation;
    if (!(isWanted || isNews) || !(await this.served())) return [];
    const { namespace } = cluster.metadata;
    const found = await this.client.get(kinds.podMonitor, { namespace, name: podMonitorName(cluster) });
    return found ? [found] : [];
  }
}
