import { type StoredObject } from '../../../kubernetes/object';
import { passwordIn } from '../system-password';
import { isPredecessor } from '../plan/adopt-predecessor';
import { isOwnedBy } from '../plan/owner';
import { conditionOf } from '../plan/pod-state';
import { type Node, type Pod, type Wanted } from '../plan/situation';
import { ApiLog } from './api-log';
import { removeClaims } from './claims';
import { collectGarbage, schedule } from './control-plane';
import { evict } from './evictions';
import { Kubelets } from './kubelets';
import { clusterName, userSecret, wantedOf, type Cluster, type ConfigSecret, type Spec } from './model';
import { Ledger } from './request-invariants';
import { Servers } from './servers';
import { Streams } from './streams';

export interface NodeObject extends StoredObject, Node {
  readonly metadata: StoredObject['metadata'];
}

const step = 5;
const graceSeconds = 30;
/** After so long without a sign of life a node is not ready (kube-controller-manager). */
const silenceSeconds = 40;
/** After so long the pods of such a node are asked to go (the default toleration of a pod). */
const evictionSeconds = 300;

/** A Kubernetes cluster in small: an API, nodes with kubelets, a scheduler, a node controller, garbage collection. */
export class World {
  readonly log = new ApiLog();
  readonly story: string[] = [];
  now = Date.parse('2030-06-01T12:00:00Z');
  /** Whether no server answers on its monitoring port. */
  monitoringDown = false;
  /** Uids of the pods that served when their member was removed. */
  readonly partings = new Set<string>();
  readonly servers = new Servers(this);
  readonly kubelets = new Kubelets(this);
  readonly ledger = new Ledger(this);
  streams = new Streams();
  /** Nodes that somebody drains: they take no pods, and those that they have are asked to go. */
  readonly drained = new Set<string>();
  private readonly deadSince = new Map<string, number>();
  private uids = 0;
  private serials = 0;
  /** Pods that were given a node so far. */
  scheduled = 0;

  constructor(spec: Spec) {
    for (let node = 0; node < 4; node++) this.addNode(`node-${node}`);
    this.renewCertificate();
    this.createCluster(spec);
  }

  // what users do

  get cluster(): Cluster | undefined {
    return this.log.get('cluster', clusterName) as Cluster | undefined;
  }

  createCluster(spec: Spec): void {
    if (this.cluster) return;
    this.streams = new Streams();
    removeClaims(this); // a new cluster starts without streams here
    const metadata = { ...this.object('NatsCluster', clusterName).metadata, generation: 1 };
    const first = allowed(spec, spec);
    this.log.put('cluster', {
      apiVersion: 'nats.io/v1beta1',
      kind: 'NatsCluster',
      metadata,
      spec: first,
    } as StoredObject);
  }

  editSpec(change: Partial<Spec>): void {
    const { cluster } = this;
    if (!cluster) return;
    const generation = cluster.metadata.generation + 1;
    this.log.put('cluster', {
      ...cluster,
      spec: { ...cluster.spec, ...allowed(cluster.spec, change) },
      metadata: { ...cluster.metadata, generation },
    });
  }

  /** Asks for something by annotation; undefined takes it away. */
  annotate(key: string, value: string | undefined): void {
    const { cluster } = this;
    if (!cluster) return;
    const others = Object.entries(cluster.metadata.annotations ?? {}).filter(([other]) => other !== key);
    const annotations = Object.fromEntries(value === undefined ? others : [...others, [key, value]]);
    this.log.put('cluster', { ...cluster, metadata: { ...cluster.metadata, annotations } });
  }

  /** The secret of the user that the spec refers to gets another certificate. */
  renewCertificate(): void {
    const secret = this.log.get('secrets', userSecret) ?? this.object('Secret', userSecret);
    this.log.put('secrets', { ...secret, data: { serial: String(++this.serials) } } as StoredObject);
  }

  deleteCluster(annotations: Record<string, string>): void {
    const { cluster } = this;
    if (!cluster || cluster.metadata.deletionTimestamp) return;
    if (!cluster.metadata.finalizers?.length) this.log.remove('cluster', clusterName);
    else {
      const metadata = {
        ...cluster.metadata,
        annotations: { ...cluster.metadata.annotations, ...annotations },
        deletionTimestamp: this.time(),
        generation: cluster.metadata.generation + 1,
      };
      this.log.put('cluster', { ...cluster, metadata });
    }
  }

  // what happens to nodes and pods

  get pods(): Pod[] {
    return this.log.all('pods') as Pod[];
  }

  get nodes(): NodeObject[] {
    return this.log.all('nodes');
  }

  node(name = ''): NodeObject | undefined {
    return this.log.get('nodes', name);
  }

  pod(name: string): Pod | undefined {
    return this.log.get('pods', name) as Pod | undefined;
  }

  addNode(name: string): void {
    this.deadSince.delete(name);
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: this.time() }];
    this.log.put('nodes', { ...this.object('Node', name), status: { conditions } } as StoredObject);
  }

  killNode(name: string): void {
    if (!this.deadSince.has(name)) this.deadSince.set(name, this.now);
  }

  /** The node comes back, and nobody says any more that it is off: its kubelet goes on with the pods it has. */
  reviveNode(name: string): void {
    this.deadSince.delete(name);
    const node = this.node(name);
    if (node && (readyOf(node) !== 'True' || node.spec))
      this.log.put('nodes', this.withReady({ ...node, spec: undefined }, 'True'));
  }

  /** The machine is gone and with it its servers; the pods are left behind in the API. */
  removeNode(name: string): void {
    this.killNode(name);
    this.log.remove('nodes', name);
  }

  taintNode(name: string): void {
    const node = this.node(name);
    if (!node || !this.deadSince.has(name)) return;
    this.log.put('nodes', { ...node, spec: { taints: [{ key: 'node.kubernetes.io/out-of-service' }] } });
  }

  /** A node under pressure ends the pod for good. */
  fail(pod: Pod): void {
    if (this.isUp(pod.spec.nodeName))
      this.log.put('pods', { ...pod, status: { ...pod.status, phase: 'Failed', conditions: [] } });
  }

  /** As the API server does: at once without a node or a grace period, else the kubelet is asked. */
  deletePod(pod: Pod, grace = graceSeconds): void {
    const { name, deletionTimestamp } = pod.metadata;
    if (grace === 0 || !pod.spec.nodeName) this.log.remove('pods', name);
    else if (!deletionTimestamp) {
      this.log.put('pods', { ...pod, metadata: { ...pod.metadata, deletionTimestamp: this.time(grace) } });
    }
  }

  createPod(pod: StoredObject): void {
    this.log.put('pods', { ...pod, status: { phase: 'Pending' } } as StoredObject);
  }

  /** Metadata of a new object. */
  object(kind: string, name: string): StoredObject {
    const uid = `uid-${++this.uids}`;
    return {
      apiVersion: 'v1',
      kind,
      metadata: { name, namespace: 'default', uid, resourceVersion: '', creationTimestamp: this.time() },
    };
  }

  // what can be asked

  /** Whether the server of a pod serves, as far as anybody but the pod itself knows. */
  serves(pod: Pod): boolean {
    const node = this.node(pod.spec.nodeName);
    return (
      pod.metadata.deletionTimestamp === undefined &&
      pod.status?.phase === 'Running' &&
      conditionOf(pod.status.conditions, 'Ready')?.status === 'True' &&
      node !== undefined &&
      readyOf(node) === 'True'
    );
  }

  /** The pods that serve and reach the others. */
  private serving(): Pod[] {
    const { servers } = this;
    return this.ownPods.filter((pod) => servers.runs(pod) && this.serves(pod) && !servers.realityOf(pod).isolated);
  }

  /** What the spec asks for, as the operator would know it if it saw all. */
  get wanted(): Wanted | undefined {
    const { cluster } = this;
    const config = this.log.get('objects', `Secret/${clusterName}`) as ConfigSecret | undefined;
    return (
      cluster &&
      wantedOf(cluster, {
        secrets: this.log.all('secrets'),
        password: passwordIn(config),
        besideOld: this.ownPods.some((pod) => isPredecessor(pod, cluster)),
      })
    );
  }

  // time

  /** Lets time go by; kubelets, scheduler and controllers do their work on the way. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= step) {
      this.now += Math.min(step, left) * 1000;
      this.judgeNodes();
      collectGarbage(this);
      this.kubelets.hear();
      for (const pod of this.pods) {
        if (pod.spec.nodeName) this.kubelets.run(pod);
        else schedule(this, pod);
      }
      if (this.cluster?.spec.jetStream) this.streams.update(this.now, this.cluster.spec.size, this.serving());
      for (const pod of this.pods) if (this.drained.has(pod.spec.nodeName ?? '')) evict(this, pod);
    }
    await Promise.resolve();
  }

  private judgeNodes(): void {
    for (const node of this.nodes) {
      const dead = this.deadSince.get(node.metadata.name);
      if (dead === undefined) continue;
      const silent = (this.now - dead) / 1000;
      const pods = this.pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
      if (silent >= silenceSeconds && readyOf(node) === 'True') {
        this.log.put('nodes', this.withReady(node, 'Unknown'));
        for (const pod of pods) this.kubelets.setReady(pod, false);
      }
      if (silent >= evictionSeconds) for (const pod of pods) this.deletePod(pod);
    }
  }

  private withReady(node: NodeObject, status: string): NodeObject {
    return { ...node, status: { conditions: [{ type: 'Ready', status, lastTransitionTime: this.time() }] } };
  }

  isUp(node: string | undefined): boolean {
    return node !== undefined && !this.deadSince.has(node) && this.node(node) !== undefined;
  }

  time(after = 0): string {
    return new Date(this.now + after * 1000).toISOString();
  }

  /** Pods of the cluster, without those that only look like it. */
  get ownPods(): Pod[] {
    const { cluster } = this;
    return cluster ? this.pods.filter((pod) => isOwnedBy(pod, cluster.metadata)) : [];
  }
}

/** What the API server would let through: JetStream needs 2.x, and here three members or more. */
function allowed({ jetStream }: Spec, change: Partial<Spec>): Partial<Spec> {
  if (!jetStream) return change;
  return {
    ...change,
    ...(change.size !== undefined && { size: Math.max(3, change.size) }),
    ...(change.version === '1.0.4' && { version: '2.10.29' }),
  };
}

export function readyOf(node: NodeObject): string | undefined {
  return conditionOf(node.status?.conditions, 'Ready')?.status;
}
