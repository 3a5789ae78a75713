import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { addKwokNodes } from '../../e2e/cluster/control-plane/kwok';
import { StandIns } from '../../e2e/cluster/control-plane/stand-ins';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { eventually } from '../../e2e/cluster/eventually';
import { projectFolder } from '../../e2e/cluster/project';
import { natsClusterKind, ownedKinds, type StoredCluster } from '../controllers/nats-cluster/kind';
import { type Pod } from '../controllers/nats-cluster/plan/situation';
import { type ApiClient } from '../kubernetes/api-client';
import { ensureCrd, readCrd } from '../kubernetes/crds';
import { kinds } from '../kubernetes/resource-kind';
import { clientOf } from '../kubernetes/testing/clients';
import { clusterLabel, memberLabel } from '../templates/names';

const namespace = 'default';

/** What a test expects of a cluster. */
export interface Expected {
  readonly size: number;
  readonly version: string;
}

/**
 * A control plane with our CRDs and nodes that only exist in the API; pods are Ready at once and their monitoring ports are
 * stand-ins. `network` is the first three bytes of the pods' addresses, below 127, and no other test's.
 */
export class KwokCluster {
  readonly client: ApiClient;

  private constructor(
    readonly controlPlane: TemporaryControlPlane,
    private readonly standIns: StandIns,
  ) {
    ({ client: this.client } = clientOf(controlPlane.kubeconfig));
  }

  static async start(network: string): Promise<KwokCluster> {
    const [controlPlane, standIns] = await Promise.all([startControlPlane(), StandIns.start(network)]);
    try {
      await addKwokNodes(controlPlane, 3, { podNetwork: `${network}.0/24` });
      const cluster = new KwokCluster(controlPlane, standIns);
      for (const crd of ['natsclusters', 'natsserviceroles']) {
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

  async create(name: string, spec: object): Promise<void> {
    const { group, version, kind } = natsClusterKind;
    const object = { apiVersion: `${group}/${version}`, kind, metadata: { name, namespace }, spec };
    await this.client.create(natsClusterKind, object);
  }

  async edit(name: string, spec: object): Promise<void> {
    await this.client.mergePatch(natsClusterKind, { namespace, name }, { spec });
  }

  async delete(name: string): Promise<void> {
    await this.client.delete(natsClusterKind, { namespace, name }, {});
  }

  get(name: string): Promise<StoredCluster | undefined> {
    return this.client.get<StoredCluster>(natsClusterKind, { namespace, name });
  }

  pods(name: string): Promise<Pod[]> {
    return this.client.list<Pod>(kinds.pod, { namespace, labelSelector: `${clusterLabel}=${name}` });
  }

  /** Everything that belongs to a cluster beside its pods, as `Kind name`. */
  async objects(name: string): Promise<string[]> {
    const labelSelector = `${clusterLabel}=${name}`;
    const lists = await Promise.all(ownedKinds.map((kind) => this.client.list(kind, { namespace, labelSelector })));
    return lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  }

  /** What is different from what is expected, as sentences: nothing where all is well and the status says so. */
  async differences(name: string, { size, version }: Expected): Promise<string[]> {
    const [cluster, pods, objects] = await Promise.all([this.get(name), this.pods(name), this.objects(name)]);
    const members = pods.map(({ metadata }) => metadata.labels?.[memberLabel] ?? '').sort();
    const wanted = Array.from({ length: size }, (_, ordinal) => String(ordinal));
    const versions = new Set(pods.map(({ metadata }) => metadata.labels?.nats_version));
    const kept = [`Secret ${name}`, `Service ${name}`, `Service ${name}-routes`, `PodDisruptionBudget ${name}`];
    const { status } = cluster ?? {};
    const conditions = status?.conditions?.map(({ type, status }) => `${type} ${status}`);
    const settled = ['Ready True', 'Progressing False', 'Degraded False', 'ConfigValid True'];
    const compare = (what: string, is: unknown, should: unknown) =>
      isDeepStrictEqual(is, should) ? [] : [`${what}: ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`];
    return [
      ...compare('members', members, wanted),
      ...compare('versions', [...versions], [version]),
      ...compare('objects', objects.sort(), kept.sort()),
      ...compare('generation', status?.observedGeneration, cluster?.metadata.generation),
      ...compare('conditions', conditions, settled),
      ...compare('version', status?.currentVersion, version),
      ...compare(
        'members in the status',
        status?.members?.map((member) => member.pod).sort(),
        pods.map(({ metadata }) => metadata.name).sort(),
      ),
    ];
  }

  /** Waits until the cluster is as expected. Throws what is different when `seconds` are over. */
  async settled(name: string, expected: Expected, seconds = 30): Promise<void> {
    await eventually(seconds, async () => {
      const differences = await this.differences(name, expected);
      if (differences.length > 0) throw new Error(differences.join('; '));
    });
  }

  /** Waits until nothing of the cluster is left. */
  async gone(name: string, seconds = 30): Promise<void> {
    await eventually(seconds, async () => {
      const [cluster, pods, objects] = await Promise.all([this.get(name), this.pods(name), this.objects(name)]);
      const left = [...(cluster ? ['the cluster'] : []), ...pods.map(({ metadata }) => metadata.name), ...objects];
      if (left.length > 0) throw new Error(`${left.join(', ')} of ${name} is left`);
    });
  }
}
