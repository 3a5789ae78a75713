import { eventually } from '../cluster/eventually';
import { itCutsPower } from '../testing/it-cuts-power';
import { JetStreamTraffic } from '../testing/jetstream-traffic/jetstream-traffic';
import { killOperator } from '../testing/kill-operator';
import { isReady, NatsClusters, type Pod } from '../testing/nats-clusters';
import { processesIn } from '../testing/processes';

const namespace = process.env.FAULTS_NAMESPACE ?? 'jetstream-faults';
const name = 'ailing';
const storageClass = `made-late-${namespace}`;
const [oldest, older, current] = ['2.10.29', '2.14.9', '2.15.2'];

// What can befall a cluster with JetStream while acknowledged messages flow. Each test finds what the one before it left.
describe('a cluster with JetStream and bad luck', () => {
  let clusters: NatsClusters;
  let traffic: JetStreamTraffic;
  let refuge: string;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    refuge = await nodeOfOperator();
    await dropClass();
    await clusters.create(name, {
      size: 3,
      version: oldest,
      lameDuckDurationSeconds: 30,
      // else Kubernetes itself asks pods to go whose node was down for five minutes
      pod: { tolerations: [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists' }] },
      jetstream: { memoryLimit: '64Mi', fileStorage: { size: '200Mi', storageClassName: storageClass } },
    });
  }, 240_000);

  afterAll(async () => {
    await clusters.remove();
    await dropClass();
  }, 320_000);

  it('says which claims get no volume, and why, and goes on when they do', async () => {
    await clusters.condition(name, 'Degraded', 'True', `claim ${name}-0 waits for a volume`, 150);
    await clusters.condition(name, 'Degraded', 'True', `there is no storage class ${storageClass}: make it`);
    await makeClass();
    await clusters.settled(name, 3, oldest, 240);
    // beside the operator, where a test leaves a node
    traffic = await JetStreamTraffic.start(clusters, `nats://${name}:4222`, { node: refuge });
  }, 500_000);

  it('keeps its members when it is scaled up and gets no volumes, and can go back', async () => {
    const before = await clusters.members(name);
    await dropClass();
    await clusters.edit(name, { size: 5 });
    await clusters.condition(name, 'Degraded', 'True', `claim ${name}-3 waits for a volume`, 150);
    expect((await clusters.members(name)).slice(0, 3).map(uid)).toEqual(before.map(uid));
    expect((await clusters.pods(name)).filter(isReady)).toHaveLength(3);
    await clusters.edit(name, { size: 3 });
    await clusters.settled(name, 3, oldest, 120);
    await clusters.condition(name, 'Degraded', 'False', '');
    expect((await clusters.members(name)).map(uid)).toEqual(before.map(uid));
    await makeClass();
    await expectNothingLost();
  }, 500_000);

  itCutsPower(
    'stops a roll while a server is stuck, says whom it waits for, and goes on by itself',
    async () => {
      const before = await clusters.members(name);
      const stuck = `${name}-0`;
      const [pid] = processesIn(stuck);
      if (pid === undefined) throw new Error(`this machine does not see the server of ${stuck}`);
      process.kill(pid, 'SIGSTOP');
      try {
        await clusters.edit(name, { pod: { natsEnv: [{ name: 'ROLL', value: '1' }] } });
        await clusters.condition(name, 'JetStreamHealthy', 'False', stuck, 60);
        await clusters.condition(name, 'Progressing', 'True', stuck);
        // a roll takes the next member within seconds when it may
        const until = Date.now() + 20_000;
        while (Date.now() < until) {
          const alive = (await clusters.members(name)).filter((pod) => before.map(uid).includes(uid(pod)));
          expect(alive.length).toBeGreaterThanOrEqual(2);
        }
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await clusters.healed(name, 3, oldest, before, 400);
      await expectNothingLost();
    },
    700_000,
  );

  itCutsPower(
    'waits when two of three nodes are down, touches nothing, says who is missing, and goes on when they return',
    async () => {
      const before = await clusters.members(name);
      const down = (await clusters.cluster.nodes()).filter((node) => node !== refuge).slice(0, 2);
      const missing = before.filter(({ spec }) => down.includes(spec.nodeName)).map(memberOf);
      try {
        for (const node of down) await clusters.cluster.stopNode(node);
        for (const node of down) {
          await clusters.kubectl.run('wait', `node/${node}`, '--for=condition=Ready=Unknown', '--timeout=180s');
        }
        await clusters.condition(name, 'JetStreamHealthy', 'False', 'JetStream has no majority', 180);
        for (const member of missing) await clusters.condition(name, 'JetStreamHealthy', 'False', member);
        // a change that needs a restart has to wait too
        await clusters.edit(name, { version: older });
        await killOperator(clusters.kubectl);
        await clusters.condition(name, 'Progressing', 'True', 'run an older spec', 120);
        const until = Date.now() + 30_000;
        while (Date.now() < until) {
          const pods = await all();
          expect(pods.map(uid)).toEqual(before.map(uid));
          expect(pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(memberOf)).toEqual([]);
        }
      } finally {
        for (const node of down) await clusters.cluster.startNode(node);
      }
      await clusters.healed(name, 3, older, before, 600);
      await expectNothingLost();
    },
    1_500_000,
  );

  it('scales up while it is upgraded, and restarts while it scales down, with the operator killed', async () => {
    await clusters.edit(name, { version: current });
    await killedOnce(async () => (await clusters.pods(name)).length < 3);
    await clusters.edit(name, { size: 5 });
    await killedOnce(async () => (await clusters.pods(name)).length > 3);
    await clusters.settled(name, 5, current, 600);
    await expectNothingLost();
    await clusters.edit(name, { size: 3, pod: { natsEnv: [{ name: 'ROLL', value: '2' }] } });
    await killedOnce(async () => (await clusters.pods(name)).length < 5);
    await clusters.settled(name, 3, current, 600);
    await expectNothingLost();
  }, 1_800_000);

  it('takes a new config over while it rolls, with the operator killed', async () => {
    const before = await clusters.members(name);
    await clusters.edit(name, { pod: { natsEnv: [{ name: 'ROLL', value: '3' }] } });
    await killedOnce(async () => (await clusters.members(name)).some((pod) => !before.map(uid).includes(uid(pod))));
    await clusters.edit(name, { natsConfig: { maxPayload: 400_000 } });
    await clusters.healed(name, 3, current, before, 400);
    await eventually(60, async () => {
      for (const { metadata } of await clusters.members(name)) {
        const varz = await clusters.kubectl.proxy(namespace, metadata.name, 8222, '/varz');
        expect(JSON.parse(varz)).toMatchObject({ max_payload: 400_000 });
      }
    });
    await expectNothingLost();
  }, 900_000);

  async function expectNothingLost(): Promise<void> {
    const account = await traffic.flows(180);
    console.log(expect.getState().currentTestName, account);
    expect(account).toMatchObject({ lost: 0, duplicated: 0 });
  }

  async function killedOnce(half: () => Promise<boolean>): Promise<void> {
    await eventually(180, async () => {
      expect(await half()).toBe(true);
    });
    await killOperator(clusters.kubectl);
  }

  /** The pods of the members, those that are asked to go too, by ordinal. */
  async function all(): Promise<Pod[]> {
    const selector = `nats_cluster=${name}`;
    const { items } = await clusters.kubectl.get<{ items: Pod[] }>('pods', '-n', namespace, '-l', selector);
    return items.sort((a, b) => (memberOf(a) < memberOf(b) ? -1 : 1));
  }

  /** A node that the operator runs on; any where it runs outside. */
  async function nodeOfOperator(): Promise<string> {
    const path = 'jsonpath={.items[*].spec.nodeName}';
    const selector = 'app.kubernetes.io/name=nats-operator';
    const found = await clusters.kubectl.run('get', 'pods', '-n', 'default', '--selector', selector, '-o', path);
    const [node = (await clusters.cluster.nodes())[0]] = found.split(' ').filter((each) => each !== '');
    if (node === undefined) throw new Error('there are no nodes');
    return node;
  }

  async function makeClass(): Promise<void> {
    await clusters.kubectl.apply({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: storageClass },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    });
  }

  async function dropClass(): Promise<void> {
    await clusters.kubectl.run('delete', 'storageclass', storageClass, '--ignore-not-found');
  }
});

function uid({ metadata }: Pod): string {
  return metadata.uid;
}

function memberOf({ metadata }: Pod): string {
  return `${name}-${metadata.labels['nats.io/member'] ?? ''}`;
}
