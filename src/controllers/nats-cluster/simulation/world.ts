import { type StoredObject } from '../../../kubernetes/object';
import { type Condition, type ContainerStatus, type Node, type Pod, type Server } from '../plan/situation';
import { conditionOf } from '../plan/pod-state';
import { Streams } from './streams';
import { isOwnedBy } from '../plan/owner';
import { routesAnnotation } from '../../../templates/names';
import { ApiLog } from './api-log';
import { clusterName, ordinalOf, type Cluster, type ConfigSecret, type Spec, userSecret } from './model';

export interface NodeObject extends StoredObject, Node {
  readonly metadata: StoredObject['metadata'];
}

/** What is true of a server, whatever the API shows. */
interface Reality {
  /** Runs and never becomes ready. */
  stuck?: boolean;
  /** Does not stop when asked to. */
  hangs?: boolean;
  /** Ends as soon as it starts. */
  crashes?: boolean;
  /** Has no route to any other server. */
  isolated?: boolean;
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
  streams = new Streams();
  private readonly realities = new Map<string, Reality>();
  private readonly deadSince = new Map<string, number>();
  private uids = 0;
  private scheduled = 0;

  constructor(spec: Spec) {
    for (let node = 0; node < 4; node++) this.addNode(`node-${node}`);
    this.log.put('secrets', this.object('Secret', userSecret));
    this.createCluster(spec);
  }

  // what users do

  get cluster(): Cluster | undefined {
    return this.log.get('cluster', clusterName) as Cluster | undefined;
  }

  createCluster(spec: Spec): void {
    if (this.cluster) return;
    this.streams = new Streams(); // a new cluster starts with empty claims here
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

  deleteCluster(annotations: Record<string, string>): void {
    const { cluster } = this;
    if (!cluster || cluster.metadata.deletionTimestamp) return;
    if (!cluster.metadata.finalizers?.length) this.log.remove('cluster', clusterName);
    else {
      const metadata = {
        ...cluster.metadata,
        annotations,
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

  mark(pod: Pod, change: Reality): void {
    this.realities.set(pod.metadata.uid, { ...this.realityOf(pod), ...change });
  }

  /** A node under pressure ends the pod for good. */
  evict(pod: Pod): void {
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

  /** What the monitoring port of a server answers. */
  ask(pod: Pod): Server {
    const live = this.pod(pod.metadata.name);
    if (this.monitoringDown || !live || !this.runs(live)) return { unknown: 'it does not answer' };
    const others = this.pods.filter((other) => other !== live && this.runs(other) && this.haveRoute(live, other));
    const routes = new Set(others.map(({ metadata }) => metadata.uid));
    const jetStream = this.cluster?.spec.jetStream ? this.streams.report(ordinalOf(live)) : undefined;
    return { id: pod.metadata.uid, version: versionOf(live), routes, jetStream };
  }

  /** Whether each two of these servers that speak the same protocol have a route. */
  isWhole(pods: readonly Pod[]): boolean {
    return pods.every((pod) =>
      pods.every(
        (other) =>
          other === pod ||
          !sameProtocol(pod, other) ||
          !sameRoutes(pod, other) ||
          (this.runs(other) && this.haveRoute(pod, other)),
      ),
    );
  }

  /** The pods that serve and reach the others. */
  private serving(): Pod[] {
    return this.ownPods.filter((pod) => this.runs(pod) && this.serves(pod) && !this.realityOf(pod).isolated);
  }

  private runs({ status, spec }: Pod): boolean {
    return status?.phase === 'Running' && this.isUp(spec.nodeName);
  }

  private haveRoute(a: Pod, b: Pod): boolean {
    return sameProtocol(a, b) && sameRoutes(a, b) && !this.realityOf(a).isolated && !this.realityOf(b).isolated;
  }

  // time

  /** Lets time go by; kubelets, scheduler and controllers do their work on the way. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= step) {
      this.now += Math.min(step, left) * 1000;
      this.judgeNodes();
      this.collectGarbage();
      for (const pod of this.pods) {
        if (pod.spec.nodeName) this.run(pod);
        else this.schedule(pod);
      }
      this.streams.update(this.now, this.cluster?.spec.size ?? 0, this.serving());
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
        for (const pod of pods) this.setReady(pod, false);
      }
      if (silent >= evictionSeconds) for (const pod of pods) this.deletePod(pod);
    }
  }

  private collectGarbage(): void {
    const alive = this.cluster?.metadata.uid;
    const isGarbage = (object: StoredObject) =>
      object.metadata.ownerReferences?.some(({ uid }) => uid.startsWith('uid-') && uid !== alive) ?? false;
    for (const pod of this.pods) if (isGarbage(pod)) this.deletePod(pod);
    for (const object of this.log.all('objects')) {
      if (isGarbage(object)) this.log.remove('objects', `${object.kind}/${object.metadata.name}`);
    }
  }

  private schedule(pod: Pod): void {
    const nodes = this.nodes.filter((node) => readyOf(node) === 'True' && !node.spec?.taints);
    const node = nodes[this.scheduled++ % nodes.length];
    if (!node) return;
    const conditions = [{ type: 'PodScheduled', status: 'True', lastTransitionTime: this.time() }];
    this.log.put('pods', {
      ...pod,
      spec: { ...pod.spec, nodeName: node.metadata.name },
      status: { phase: 'Pending', conditions },
    });
  }

  /** What a kubelet does in one round. */
  private run(pod: Pod): void {
    if (!this.isUp(pod.spec.nodeName)) return;
    if (pod.status?.phase === 'Failed') {
      if (pod.metadata.deletionTimestamp) this.log.remove('pods', pod.metadata.name); // nothing of it runs
      return;
    }
    const { hangs, stuck, crashes } = this.realityOf(pod);
    if (pod.metadata.deletionTimestamp) {
      if (!hangs) this.log.remove('pods', pod.metadata.name);
      return;
    }
    const blocked = pod.status?.phase === 'Pending' ? this.blockedBy(pod) : crashes ? 'CrashLoopBackOff' : undefined;
    if (blocked) this.setContainer(pod, { name: 'nats', state: { waiting: { reason: blocked } } });
    else if (pod.status?.phase === 'Pending') {
      this.setContainer(
        { ...pod, status: { ...pod.status, phase: 'Running' } },
        { name: 'nats', state: { running: {} } },
      );
    } else this.setReady(pod, !stuck && versionOf(pod) !== 'never ready');
  }

  private blockedBy(pod: Pod): string | undefined {
    const image = pod.spec.containers?.[0]?.image;
    const config = this.log.get('objects', `Secret/${clusterName}`) as ConfigSecret | undefined;
    const { tls } = pod.spec as { tls?: boolean };
    if (!config || (tls && !this.log.get('secrets', userSecret))) return 'ContainerCreating';
    return image?.endsWith('no such image') ? 'ImagePullBackOff' : undefined;
  }

  private setContainer(pod: Pod, container: ContainerStatus): void {
    const before = pod.status?.containerStatuses?.[0];
    if (JSON.stringify(before) === JSON.stringify(container)) return;
    const stored = this.log.put('pods', { ...pod, status: { ...pod.status, containerStatuses: [container] } });
    this.setReady(stored, false);
  }

  private setReady(pod: Pod, ready: boolean): void {
    const status = ready ? 'True' : 'False';
    const before = conditionOf(pod.status?.conditions, 'Ready');
    if (before?.status === status) return;
    const condition: Condition = { type: 'Ready', status, lastTransitionTime: this.time() };
    const conditions = [...(pod.status?.conditions ?? []).filter(({ type }) => type !== 'Ready'), condition];
    const container = ready ? { containerStatuses: [{ name: 'nats', state: { running: {} } }] } : {};
    this.log.put('pods', { ...pod, status: { ...pod.status, ...container, conditions } });
  }

  private withReady(node: NodeObject, status: string): NodeObject {
    return { ...node, status: { conditions: [{ type: 'Ready', status, lastTransitionTime: this.time() }] } };
  }

  private realityOf(pod: Pod): Reality {
    return this.realities.get(pod.metadata.uid) ?? {};
  }

  private isUp(node: string | undefined): boolean {
    return node !== undefined && !this.deadSince.has(node) && this.node(node) !== undefined;
  }

  private time(after = 0): string {
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

/** Servers of 1.x and 2.x refuse each other's routes. */
function sameProtocol(a: Pod, b: Pod): boolean {
  const [one, other] = [a, b].map((pod) => versionOf(pod).split('.')[0] === '1');
  return one === other;
}

/** Servers with TLS for their routes and those without refuse each other too. */
function sameRoutes(a: Pod, b: Pod): boolean {
  const [one, other] = [a, b].map(({ metadata }) => metadata.annotations?.[routesAnnotation]);
  return one === other;
}

function versionOf({ spec }: Pod): string {
  return spec.containers?.[0]?.image?.split(':')[1] ?? '';
}

export function readyOf(node: NodeObject): string | undefined {
  return conditionOf(node.status?.conditions, 'Ready')?.status;
}
