import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { eventually } from '../cluster/eventually';
import { projectFolder } from '../cluster/project';
import { addressOf, externalAddressLabel } from '../../src/controllers/nats-cluster/plan/external-addresses';
import { type Node } from '../../src/controllers/nats-cluster/plan/situation';
import { ClientPods } from '../testing/client-pods';
import { onMember } from '../testing/members';
import { NatsClusters, type NatsCluster } from '../testing/nats-clusters';
import { forwarded } from '../testing/port-forward';
import { WebsocketWire } from '../testing/websocket-wire';
import { Wire } from '../testing/wire';

const namespace = 'features-e2e';

// What each feature is for is done by a client; the samples are those that users read.
describe('features of nats-operator 0.8', () => {
  let clusters: NatsClusters;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
  }, 330_000);

  afterAll(() => clusters.remove(), 400_000);

  describe.each(['2.10.29', '2.15.2'])('on %s', (version) => {
    // all at once: they start in the time of one
    beforeAll(async () => {
      await Promise.all(['super-cluster', 'leafnode', 'websocket'].map((file) => sample(file, { size: 1, version })));
      await Promise.all(
        ['example-east', 'example-west', 'example-hub', 'example-leaf', 'example-websocket'].map((name) =>
          clusters.settled(name, 1, version),
        ),
      );
    }, 400_000);

    it('carry a message over the gateways of a super-cluster, both ways', async () => {
      await crosses('example-east', 'example-west');
      await crosses('example-west', 'example-east');
    }, 240_000);

    it('carry a message to a leaf node, and one from it', async () => {
      await crosses('example-hub', 'example-leaf');
      await crosses('example-leaf', 'example-hub');
    }, 240_000);

    it('carry a message to a websocket', async () => {
      const pod = await podOf('example-websocket');
      await forwarded(clusters.kubectl, [namespace, pod, 8080], (webPort) =>
        forwarded(clusters.kubectl, [namespace, pod, 4222], async (port) => {
          const websocket = await WebsocketWire.toPort(webPort);
          const publisher = await Wire.toClientPort(port);
          websocket.send('SUB greetings 1');
          websocket.send('PING');
          await websocket.expect(/PONG\r\n.*PONG\r\n/s);
          publisher.send('PUB greetings 5\r\nhello');
          await websocket.expect(/MSG greetings 1 5\r\nhello\r\n/);
          websocket.close();
          publisher.close();
        }),
      );
    }, 240_000);
  });

  it('open the ports of what a cluster has in its services, and close them again', async () => {
    expect(await portsOf('example-hub')).toEqual([4222, 7422]);
    expect(await portsOf('example-websocket')).toEqual([4222, 8080]);
    expect(await portsOf('example-east-routes')).toEqual([6222, 7222, 8222]);
    await clusters.edit('example-websocket', { websocketConfig: null });
    await eventually(60, async () => {
      expect(await portsOf('example-websocket')).toEqual([4222]);
    });
  }, 240_000);

  it('give services their labels and annotations, and take them away again', async () => {
    await sample('services', { size: 1 });
    await eventually(60, async () => {
      expect(await annotationsOf('example-services')).toHaveProperty(['example.com/exposed'], 'true');
    });
    await clusters.edit('example-services', { servicePolicy: null });
    await eventually(60, async () => {
      expect(await annotationsOf('example-services')).not.toHaveProperty(['example.com/exposed']);
    });
  }, 330_000);

  // whether it is enforced is up to the network of the cluster: that of ours does not, nor does every kind's
  it('keep a NetworkPolicy as the spec says, for as long as it says so', async () => {
    await sample('network-policy', { size: 1 });
    await eventually(60, async () => {
      const policy = await clusters.run('get', 'networkpolicy', 'example-network-policy', '-o', 'json');
      expect(policy).toContain('"uses": "nats"');
    });
    await clusters.settled('example-network-policy', 1, '2.15.2');
    await clusters.edit('example-network-policy', { networkPolicy: null });
    await eventually(60, async () => {
      expect(await clusters.run('get', 'networkpolicy', '-o', 'name')).toBe('');
    });
  }, 330_000);

  it('say what to install where there is no Prometheus operator, and do the rest', async () => {
    await sample('monitoring', { size: 1 });
    await clusters.condition('example-monitoring', 'Degraded', 'True', 'install the Prometheus operator');
    await eventually(60, async () => {
      expect(await portsOf('example-monitoring-routes')).toEqual([6222, 7777, 8222]);
    });
  }, 330_000);

  it('place pods and give them what the sample of pods says', async () => {
    await sample('pods', { size: 1 });
    await clusters.settled('example-pods', 1, '2.15.2');
    const [pod] = await clusters.members('example-pods');
    expect(pod?.metadata.labels).toMatchObject({ team: 'messaging', tier: 'backend' });
  }, 330_000);

  it('refuse a gateway to itself with the field and the cure, and leave the running server alone', async () => {
    const before = await podOf('example-east');
    const gateways = [{ name: 'west', url: 'nats://example-east-routes:7222' }];
    await clusters.edit('example-east', { gatewayConfig: { gateways } });
    await clusters.condition('example-east', 'ConfigValid', 'False', 'spec.gatewayConfig.gateways[0]');
    await clusters.condition('example-east', 'ConfigValid', 'False', 'write the address of west');
    expect(await podOf('example-east')).toBe(before);
  }, 240_000);

  it('open host ports unless told otherwise, which the restricted standard does not let pass', async () => {
    await clusters.create('on-host', { size: 1, leafnodeConfig: { hostPort: 7499 } });
    await clusters.condition('on-host', 'Degraded', 'True', 'hostPort', 90);
    const standard = 'pod-security.kubernetes.io/enforce';
    await clusters.kubectl.run('label', 'namespace', namespace, '--overwrite', `${standard}=privileged`);
    await eventually(90, async () => {
      const [pod] = (await clusters.members('on-host')) as unknown as { spec: { containers: { ports: object[] }[] } }[];
      expect(pod?.spec.containers[0]?.ports).toContainEqual(expect.objectContaining({ hostPort: 7499 }));
    });
  }, 400_000);

  // this namespace lets host ports pass since the test before
  it('tell clients the external addresses of nodes, where they find all members from outside', async () => {
    const nodes = await nodeAddresses();
    const addresses = new Map(nodes.map(({ node, external, internal }) => [node, external ?? internal]));
    const without = nodes.filter(({ external }) => external === undefined);
    try {
      for (const { node, internal } of without) {
        await clusters.kubectl.run('label', 'node', node, `${externalAddressLabel}=${internal}`);
      }
      await sample('external-address', {});
      await clusters.settled('example-external-address', 3, '2.15.2');
      const members = await clusters.members('example-external-address');
      const told = members.map(({ spec }) => `${addresses.get(spec.nodeName)}:4222`).sort();
      expect(new Set(told).size).toBe(3);
      await onMember(clusters, ['example-external-address', 0], async (client) => {
        await eventually(60, async () => {
          expect((await client({})).info?.connect_urls?.sort()).toEqual(told);
        });
      });
      const clients = new ClientPods(clusters.kubectl, namespace);
      for (const [index, server] of told.entries()) {
        const said = await clients.run(`outside-${index}`, ['rtt', '--server', `nats://${server}`]);
        expect(said).toContain(server);
      }
    } finally {
      for (const { node } of without) await clusters.kubectl.run('label', 'node', node, `${externalAddressLabel}-`);
    }
  }, 700_000);

  async function nodeAddresses() {
    const { items } = await clusters.kubectl.get<{ items: Node[] }>('nodes');
    return items.map((node) => {
      const internal = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
      return { node: node.metadata.name, external: addressOf(node), internal };
    });
  }

  /** Applies the NatsClusters of a sample with changes of their specs. */
  async function sample(file: string, changes: object): Promise<void> {
    const text = readFileSync(join(projectFolder, 'example', `${file}.yaml`), 'utf8');
    const resources = parseAllDocuments(text).map((document) => document.toJS() as NatsCluster);
    await clusters.kubectl.apply(
      ...resources.map(({ spec, metadata, ...rest }) => ({
        ...rest,
        metadata: { ...metadata, namespace },
        spec: { ...spec, ...changes },
      })),
    );
  }

  async function podOf(name: string): Promise<string> {
    const [pod] = await clusters.members(name);
    if (!pod) throw new Error(`${name} has no pod`);
    return pod.metadata.name;
  }

  /** Waits until what is published in one cluster reaches a subscriber in the other. */
  async function crosses(from: string, to: string): Promise<void> {
    const { kubectl } = clusters;
    const [publishers, subscribers] = await Promise.all([podOf(from), podOf(to)]);
    await forwarded(kubectl, [namespace, publishers, 4222], (near) =>
      forwarded(kubectl, [namespace, subscribers, 4222], async (far) => {
        const publisher = await Wire.toClientPort(near);
        const subscriber = await Wire.toClientPort(far);
        subscriber.send('SUB greetings 1');
        await eventually(60, async () => {
          publisher.send('PUB greetings 5\r\nhello');
          await subscriber.expect(/MSG greetings 1 5\r\nhello\r\n/, 500);
        });
        publisher.close();
        subscriber.close();
      }),
    );
  }

  async function portsOf(service: string): Promise<number[]> {
    const { spec } = await clusters.kubectl.get<{ spec: { ports: { port: number }[] } }>(
      ...['service', service, '-n', namespace],
    );
    return spec.ports.map(({ port }) => port).sort((a, b) => a - b);
  }

  async function annotationsOf(service: string): Promise<object> {
    const { metadata } = await clusters.kubectl.get<{ metadata: { annotations?: object } }>(
      ...['service', service, '-n', namespace],
    );
    return metadata.annotations ?? {};
  }
});
