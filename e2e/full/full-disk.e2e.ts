import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { eventually } from '../cluster/eventually';
import { JetStreamTraffic } from '../testing/jetstream-traffic/jetstream-traffic';
import { onMember } from '../testing/members';
import { NatsClusters, type Pod } from '../testing/nats-clusters';
import { NodeDisks } from '../testing/node-disks';

const namespace = 'full-disk';
const name = 'crammed';
const [older, newer] = ['2.14.9', '2.15.2'];
const [tight, roomy] = [48, 400];
const megabyte = 1024 * 1024;

// Somebody else fills the disk of a node, or it is smaller than its volume says: the server's own limits do not help. Each test
// finds what the one before it left.
describe('a member with JetStream whose disk is full', () => {
  let clusters: NatsClusters;
  let disks: NodeDisks;
  let traffic: JetStreamTraffic;
  let ill: Pod;
  let before: Pod[];

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    disks = new NodeDisks(clusters.kubectl, namespace);
    const nodes = (await clusters.cluster.nodes()).slice(0, 3);
    await disks.make(new Map(nodes.map((node, index) => [node, index === 0 ? tight : roomy])), `${roomy}Mi`);
    const fileStorage = { size: `${roomy}Mi`, storageClassName: namespace };
    const jetStream = { memoryLimit: '64Mi', fileStorage };
    await clusters.create(name, { size: 3, version: older, lameDuckDurationSeconds: 30, jetstream: jetStream });
    await clusters.settled(name, 3, older, 240);
    before = await clusters.members(name);
    ill = before.find(({ spec }) => spec.nodeName === nodes[0])!;
    traffic = await JetStreamTraffic.start(clusters, `nats://${name}:4222`);
  }, 1_000_000);

  afterAll(async () => {
    try {
      await clusters.remove();
    } finally {
      await disks.remove();
    }
  }, 400_000);

  it('is named with the cure, and the others go on', async () => {
    const well = before.find((pod) => pod !== ill)!;
    await onMember(clusters, [name, ordinalOf(well)], async (client) => fill(await client({})));
    await clusters.condition(name, 'JetStreamHealthy', 'False', `delete pod -n ${namespace} ${ill.metadata.name}`, 120);
    expect(await traffic.publishes()).toMatchObject({ lost: 0, duplicated: 0 });
  }, 500_000);

  it('keeps the others from being restarted', async () => {
    await clusters.edit(name, { version: newer });
    const member = `${name}-${ordinalOf(ill)}`;
    await clusters.condition(name, 'Progressing', 'True', `the next one waits until ${member} is ready`, 120);
    // it does not serve, so that it is made with the new version; there is no room to start either
    await clusters.condition(name, 'Degraded', 'True', 'no space left on device: make room on its volume', 120);
    const uids = (await clusters.members(name)).map(uid);
    expect(uids).toEqual(expect.arrayContaining(before.filter((pod) => pod !== ill).map(uid)));
    expect(await traffic.publishes()).toMatchObject({ lost: 0, duplicated: 0 });
  }, 400_000);

  it('is well again when there is room, and the upgrade goes on', async () => {
    await disks.grow(ill.spec.nodeName, roomy);
    await clusters.healed(name, 3, newer, before, 500);
    await clusters.condition(name, 'JetStreamHealthy', 'True', '', 120);
    const account = await traffic.flows(180);
    console.log(account);
    expect(account).toMatchObject({ lost: 0, duplicated: 0 });
    await onMember(clusters, [name, ordinalOf(ill)], async (client) => {
      const { streams } = await jetstreamManager(await client({}), { timeout: 10_000 });
      const { state } = await eventually(60, () => streams.info('FILLING'));
      expect(state.messages).toBe(tight);
    });
  }, 900_000);

  /** Publishes as much as does not fit on the small disk, each message until it is acknowledged, and once only. */
  async function fill(client: NatsConnection): Promise<void> {
    const { streams } = await jetstreamManager(client, { timeout: 10_000 });
    await eventually(60, () => streams.add({ name: 'FILLING', subjects: ['filling'], num_replicas: 3 }));
    const message = new Uint8Array(megabyte - 1024);
    for (let id = 0; id < tight; id++) {
      await eventually(60, () => jetstream(client).publish('filling', message, { msgID: String(id), timeout: 5000 }));
    }
  }
});

function ordinalOf({ metadata }: Pod): number {
  return Number(metadata.labels['nats.io/member']);
}

function uid({ metadata }: Pod): string {
  return metadata.uid;
}
