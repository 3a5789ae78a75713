import { type Cluster } from '../cluster/cluster';
import { currentCluster } from '../cluster/current';
import { eventually } from '../cluster/eventually';
import { Kubectl } from '../cluster/kubectl';
import { ClientPods, restricted, restrictedPod } from '../testing/client-pods';
import { itCutsPower } from '../testing/it-cuts-power';

const namespace = 'storage';
const claim = 'messages';

// JetStream stands on this: volumes from the default StorageClass that a server without rights can write, and that last.
describe('a claim that names no StorageClass', () => {
  let cluster: Cluster;
  let kubectl: Kubectl;
  let clients: ClientPods;
  let home: string;
  let other: string;

  beforeAll(async () => {
    cluster = await currentCluster();
    kubectl = new Kubectl(cluster.kubeconfig());
    clients = new ClientPods(kubectl, namespace);
    const nodes = await cluster.nodes();
    expect(nodes.length).toBeGreaterThanOrEqual(2);
    [other = '', home = ''] = nodes;
    await kubectl.run('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=150s');
    await eventually(60, () => kubectl.apply(...manifest())); // pods are refused until the namespace has its service account
    await ready('server');
  }, 330_000);

  afterAll(async () => {
    await kubectl.run('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=150s');
  }, 240_000);

  it('gets a volume that a server under the restricted Pod Security Standard can write', async () => {
    const server = ['--server', 'server:4222'];
    await clients.run('add', ['stream', 'add', 'ORDERS', '--subjects=orders', '--defaults', ...server], other);
    await clients.run('publish', ['publish', 'orders', 'one', '--jetstream', '--count=100', ...server], other);
    expect(await messages()).toBe(100);
  }, 240_000);

  itCutsPower(
    'keeps what was written when its node loses power',
    async () => {
      const before = await restarts();
      await cluster.stopNode(home);
      await cluster.startNode(home);
      // Ready may still be what was said of it before the power cut
      await eventually(180, async () => {
        expect(await restarts()).toBeGreaterThan(before);
      });
      await ready('server');
      expect(await messages()).toBe(100);
    },
    400_000,
  );

  it('keeps what was written for the next pod', async () => {
    await kubectl.run('delete', '-n', namespace, 'pod', 'server', '--timeout=150s');
    await eventually(60, () => kubectl.apply(...manifest())); // pods are refused until the namespace has its service account
    await ready('server');
    expect(await messages()).toBe(100);
  }, 330_000);

  it('takes its volume along when it is deleted', async () => {
    const volume = await kubectl.run('get', '-n', namespace, 'pvc', claim, '-o', 'jsonpath={.spec.volumeName}');
    expect(volume).not.toBe('');
    await kubectl.run('delete', '-n', namespace, 'pod', 'server', '--timeout=150s');
    await kubectl.run('delete', '-n', namespace, 'pvc', claim, '--timeout=150s');
    await kubectl.run('wait', '--for=delete', `pv/${volume}`, '--timeout=150s');
  }, 400_000);

  async function messages(): Promise<number> {
    const { account_details: accounts } = JSON.parse(
      await kubectl.proxy(namespace, 'server', 8222, '/jsz?streams=true'),
    ) as { account_details: { stream_detail: { name: string; state: { messages: number } }[] }[] };
    const [stream] = accounts.flatMap((account) => account.stream_detail).filter(({ name }) => name === 'ORDERS');
    return stream?.state.messages ?? 0;
  }

  async function restarts(): Promise<number> {
    const path = 'jsonpath={.status.containerStatuses[0].restartCount}';
    return Number(await kubectl.run('get', '-n', namespace, 'pod', 'server', '-o', path));
  }

  async function ready(pod: string): Promise<void> {
    await kubectl.run('wait', '-n', namespace, '--for=condition=Ready', '--timeout=150s', `pod/${pod}`);
  }

  function manifest(): object[] {
    const metadata = (name: string) => ({ name, namespace });
    const labels = { app: 'server' };
    const config = { port: 4222, http: 8222, jetstream: { store_dir: '/data' } };
    return [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: metadata('server'),
        data: { 'nats.conf': JSON.stringify(config) },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: metadata('server'),
        spec: { selector: labels, ports: [{ name: 'clients', port: 4222 }] },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: metadata(claim),
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100Mi' } } },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...metadata('server'), labels },
        spec: {
          // not nodeName: a volume is made where the scheduler puts its first pod
          nodeSelector: { 'kubernetes.io/hostname': home },
          tolerations: [{ operator: 'Exists' }],
          securityContext: restrictedPod,
          containers: [
            {
              name: 'nats',
              image: 'nats:2.15.2',
              imagePullPolicy: 'IfNotPresent',
              args: ['--config', '/etc/nats/nats.conf'],
              securityContext: { ...restricted, readOnlyRootFilesystem: true },
              readinessProbe: { httpGet: { path: '/healthz', port: 8222 }, periodSeconds: 1 },
              volumeMounts: [
                { name: 'config', mountPath: '/etc/nats' },
                { name: 'data', mountPath: '/data' },
              ],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: 'server' } },
            { name: 'data', persistentVolumeClaim: { claimName: claim } },
          ],
        },
      },
    ];
  }
});
