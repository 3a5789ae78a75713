import { join } from 'node:path';
import { addKwokNodes } from '../../e2e/cluster/control-plane/kwok';
import { StandIns, type Answer } from '../../e2e/cluster/control-plane/stand-ins';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { projectFolder } from '../../e2e/cluster/project';
import { type ApiClient } from '../kubernetes/api-client';
import { ensureCrd, readCrd } from '../kubernetes/crds';
import { clientOf } from '../kubernetes/testing/clients';
import { TestedCluster } from './tested-cluster';

// The API server refuses endpoints of loopback addresses, such as those of the stand-ins, and controllers would try for ever.
const flags = {
  controllerManager: {
    controllers: '*,-endpoints-controller,-endpointslice-controller,-endpointslice-mirroring-controller',
  },
};

/**
 * A control plane with our CRDs and nodes that only exist in the API; pods are Ready at once and their monitoring ports are
 * stand-ins. Services have no endpoints.
 */
export class KwokCluster {
  readonly client: ApiClient;

  private constructor(
    readonly controlPlane: TemporaryControlPlane,
    private readonly standIns: StandIns,
  ) {
    ({ client: this.client } = clientOf(controlPlane.kubeconfig));
  }

  /** Starts it. `answer` is what the monitoring ports of pods answer; who wants other CRDs than ours names none. */
  static async start({
    answer,
    crds = ['natsclusters', 'natsserviceroles'],
  }: { answer?: Answer; crds?: readonly string[] } = {}): Promise<KwokCluster> {
    const [controlPlane, standIns] = await Promise.all([startControlPlane({ flags }), StandIns.start(answer)]);
    try {
      await addKwokNodes(controlPlane, 3, { podNetwork: standIns.network });
      const cluster = new KwokCluster(controlPlane, standIns);
      for (const crd of crds) {
        await ensureCrd(cluster.client, readCrd(join(projectFolder, 'crd', `${crd}.yaml`)), true);
      }
      return cluster;
    } catch (error) {
      standIns.stop();
      await controlPlane.remove();
      throw error;
    }
  }

  async remove(): Promise<void> {
    this.standIns.stop();
    await this.controlPlane.remove();
  }

  /** Makes a namespace. */
  async addNamespace(name: string): Promise<void> {
    const kind = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
    await this.client.create(kind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  /** The NatsCluster of that name, which may be there or not. */
  natsCluster(name: string, namespace = 'default'): TestedCluster {
    return new TestedCluster(this.client, { namespace, name });
  }
}
