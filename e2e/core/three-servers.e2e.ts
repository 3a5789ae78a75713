import { type Cluster } from '../cluster/cluster';
import { currentCluster } from '../cluster/current';
import { eventually } from '../cluster/eventually';
import { Kubectl } from '../cluster/kubectl';
import { ClientPods } from '../testing/client-pods';
import { itCutsPower } from '../testing/it-cuts-power';

const namespace = 'three-servers';
const servers = ['n-0', 'n-1', 'n-2'];

// No operator here: this proves that the cluster under the tests is one in which NATS can run as in production.
describe('three hand-written NATS servers on three nodes', () => {
  let cluster: Cluster;
  let kubectl: Kubectl;
  let clients: ClientPods;
  let nodes: string[];

  beforeAll(async () => {
    cluster = await currentCluster();
    kubectl = new Kubectl(cluster.kubeconfig());
    clients = new ClientPods(kubectl, namespace);
    nodes = (await cluster.nodes()).slice(0, 3);
    expect(nodes).toHaveLength(3);
    await kubectl.run('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=150s');
    await eventually(60, () => kubectl.apply(...manifest())); // pods are refused until the namespace has its service account
    await untilReady(servers);
  }, 330_000);

  afterAll(async () => {
    await kubectl.run('delete', 'namespace', namespace, '--timeout=150s');
  }, 240_000);

  it('have a DNS record each', async () => {
    const addresses = new Map<string, string>();
    for (const server of servers) addresses.set(server, await podAddress(server));
    for (const server of servers) {
      // cluster DNS answers with failures while it starts elsewhere, as after a test that cut its node's power
      await eventually(90, async () => {
        const rtt = ['rtt', '--server', `${server}.nats-routes:4222`];
        const answer = await clients.run(`lookup-${server}`, rtt, nodes[0]);
        expect(answer).toContain(`${addresses.get(server)}:4222`);
      });
    }
  }, 330_000);

  it('know each other by routes, all with all', async () => {
    for (const server of servers) await eventually(60, () => expectRoutes(server));
  }, 330_000);

  it('carry a message from a client on one node to a client on another, through the service', async () => {
    await clients.start('subscriber', ['subscribe', 'greetings', '--count=1', '--server', 'nats:4222'], nodes[1]);
    await eventually(120, async () => {
      // published again until the subscriber, which needs a moment to come up, has heard it
      await clients.run('publisher', ['publish', 'greetings', 'hello from afar', '--server', 'nats:4222'], nodes[0]);
      expect(await clients.logs('subscriber')).toContain('hello from afar');
    });
  }, 240_000);

  itCutsPower(
    'are whole again after a node was without power',
    async () => {
      const [, , lost = ''] = nodes;
      await cluster.stopNode(lost);
      try {
        for (const server of ['n-0', 'n-1']) {
          await eventually(120, async () => {
            expect(await routesOf(server)).not.toContain('n-2');
          });
        }
      } finally {
        await cluster.startNode(lost);
      }
      await untilReady(servers);
      for (const server of servers) await eventually(150, () => expectRoutes(server));
    },
    600_000,
  );

  async function expectRoutes(server: string): Promise<void> {
    const others = servers.filter((other) => other !== server);
    expect((await routesOf(server)).sort()).toEqual(others);
  }

  async function routesOf(server: string): Promise<string[]> {
    const answer = await kubectl.proxy(namespace, server, 8222, '/routez');
    const { routes } = JSON.parse(answer) as { routes: { remote_name: string }[] };
    // a server keeps a pool of connections to each other one
    return [...new Set(routes.map((route) => route.remote_name))];
  }

  async function untilReady(pods: string[]): Promise<void> {
    const names = pods.map((pod) => `pod/${pod}`);
    await kubectl.run('wait', '-n', namespace, '--for=condition=Ready', '--timeout=150s', ...names);
  }

  async function podAddress(pod: string): Promise<string> {
    return kubectl.run('get', '-n', namespace, 'pod', pod, '-o', 'jsonpath={.status.podIP}');
  }

  function manifest(): object[] {
    const labels = { app: 'three-servers' };
    const routes = servers.map((server) => `nats://${server}.nats-routes:6222`);
    // a power cut says no goodbye: servers only miss each other's answers to pings
    const ping = { ping_interval: '1s', ping_max: 2 };
    const config = { port: 4222, http: 8222, ...ping, cluster: { name: 'three', port: 6222, routes } };
    const metadata = (name: string) => ({ name, namespace });
    return [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: metadata('nats'),
        data: { 'nats.conf': JSON.stringify(config) },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: metadata('nats-routes'),
        spec: {
          clusterIP: 'None',
          publishNotReadyAddresses: true,
          selector: labels,
          ports: [{ name: 'routes', port: 6222 }],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: metadata('nats'),
        spec: { selector: labels, ports: [{ name: 'clients', port: 4222 }] },
      },
      ...servers.map((server, index) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...metadata(server), labels },
        spec: {
          hostname: server,
          subdomain: 'nats-routes',
          nodeName: nodes[index],
          tolerations: [{ operator: 'Exists' }], // a pod stays on the node that is switched off and on
          containers: [
            {
              name: 'nats',
              image: 'nats:2.15.2',
              imagePullPolicy: 'IfNotPresent',
              args: ['--config', '/etc/nats/nats.conf', '--name', server],
              readinessProbe: { httpGet: { path: '/healthz', port: 8222 }, periodSeconds: 1 },
              volumeMounts: [{ name: 'config', mountPath: '/etc/nats' }],
            },
          ],
          volumes: [{ name: 'config', configMap: { name: 'nats' } }],
        },
      })),
    ];
  }
});
