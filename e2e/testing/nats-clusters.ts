import { type Cluster } from '../cluster/cluster';
import { currentCluster } from '../cluster/current';
import { eventually } from '../cluster/eventually';
import { Kubectl } from '../cluster/kubectl';

export interface Pod {
  metadata: { name: string; uid: string; labels: Record<string, string>; deletionTimestamp?: string };
  spec: { nodeName: string; containers: { name: string; image: string }[] };
  status: {
    podIP: string;
    conditions?: { type: string; status: string; lastTransitionTime: string }[];
    containerStatuses?: { name: string; restartCount: number }[];
  };
}

export interface NatsCluster {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  spec: Record<string, unknown>;
  status?: { phase: string; readyMembers: number; conditions: { type: string; status: string; message: string }[] };
}

/** NatsClusters in a namespace of their own, under the restricted Pod Security Standard, and what a test asks of them. */
export class NatsClusters {
  private constructor(
    readonly cluster: Cluster,
    readonly kubectl: Kubectl,
    readonly namespace: string,
  ) {}

  /** Makes the namespace, in place of one that an earlier run left. */
  static async inNamespace(namespace: string): Promise<NatsClusters> {
    const cluster = await currentCluster();
    const kubectl = new Kubectl(cluster.kubeconfig());
    const clusters = new NatsClusters(cluster, kubectl, namespace);
    await clusters.remove();
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    return clusters;
  }

  /** Removes the namespace with all that is in it. */
  async remove(): Promise<void> {
    // a namespace that ends with pods in it takes half of their grace period at least (namespaced_resources_deleter.go)
    await this.run('delete', 'nats', '--all', '--timeout=150s');
    await this.kubectl.run('delete', 'namespace', this.namespace, '--ignore-not-found', '--timeout=150s');
  }

  /** kubectl in the namespace. */
  run(...args: string[]): Promise<string> {
    return this.kubectl.run('-n', this.namespace, ...args);
  }

  async create(name: string, spec: Record<string, unknown>): Promise<void> {
    const metadata = { name, namespace: this.namespace };
    await this.kubectl.apply({ apiVersion: 'nats.io/v1beta1', kind: 'NatsCluster', metadata, spec });
  }

  async edit(name: string, spec: Record<string, unknown>): Promise<void> {
    await this.run('patch', 'nats', name, '--type=merge', '-p', JSON.stringify({ spec }));
  }

  get(name: string): Promise<NatsCluster> {
    return this.kubectl.get('nats', name, '-n', this.namespace);
  }

  /** The pods of a cluster but those that are asked to go. */
  async pods(name: string): Promise<Pod[]> {
    const { items } = await this.kubectl.get<{ items: Pod[] }>(
      'pods',
      '-n',
      this.namespace,
      '-l',
      `nats_cluster=${name}`,
    );
    return items.filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  /** The same by ordinal. */
  async members(name: string): Promise<Pod[]> {
    const ordinal = ({ metadata }: Pod) => Number(metadata.labels['nats.io/member']);
    return (await this.pods(name)).sort((a, b) => ordinal(a) - ordinal(b));
  }

  /** Waits until a condition is as wanted and its message holds `text`. */
  condition(name: string, type: string, status: string, text: string, seconds = 120): Promise<void> {
    return eventually(seconds, async () => {
      const conditions = (await this.get(name)).status?.conditions ?? [];
      const message = expect.stringContaining(text) as string;
      expect(conditions).toContainEqual(expect.objectContaining({ type, status, message }));
    });
  }

  /** Waits until all members run that version and are ready, and the status says so. */
  settled(name: string, size: number, version: string, seconds = 170): Promise<void> {
    return eventually(seconds, () => this.expectSettled(name, size, version));
  }

  /** Waits until no pod of those is left, and the cluster has its size again: healed, and not just not noticed yet. */
  async healed(name: string, size: number, version: string, gone: Pod[], seconds = 170): Promise<void> {
    await eventually(seconds, async () => {
      const uids = (await this.pods(name)).map(({ metadata }) => metadata.uid);
      for (const { metadata } of gone) expect(uids).not.toContain(metadata.uid);
      await this.expectSettled(name, size, version);
    });
  }

  /** Throws unless the cluster is settled now. */
  async expectSettled(name: string, size: number, version: string): Promise<void> {
    const pods = await this.pods(name);
    expect(pods.filter(isReady)).toHaveLength(size);
    expect(new Set(pods.map(imageOf))).toEqual(new Set([`nats:${version}`]));
    expect(pods).toHaveLength(size);
    const { status } = await this.get(name);
    expect(status).toMatchObject({ phase: 'Running', readyMembers: size });
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  }

  /** What a cluster owns and has not yet lost. */
  owned(name: string): Promise<string> {
    return this.run('get', 'pod,service,secret,pdb', '-l', `nats_cluster=${name}`, '-o', 'name');
  }
}

export function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

export function imageOf({ spec }: Pod): string | undefined {
  return spec.containers.find(({ name }) => name === 'nats')?.image;
}
