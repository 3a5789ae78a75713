import { JetStreamTraffic } from '../testing/jetstream-traffic/jetstream-traffic';
import { NatsClusters, type Pod } from '../testing/nats-clusters';
import { itSlowsWrites, slowWrites } from '../testing/slow-writes';

const namespace = 'slow-disk';
const name = 'sluggish';
const [older, newer] = ['2.14.9', '2.15.2'];

// Each test finds what the one before it left.
describe('a member with JetStream whose writes are slow', () => {
  let clusters: NatsClusters;
  let traffic: JetStreamTraffic;
  let before: Pod[];

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    const jetstream = { memoryLimit: '64Mi', fileStorage: { size: '200Mi' } };
    await clusters.create(name, { size: 3, version: older, lameDuckDurationSeconds: 30, jetstream });
    await clusters.settled(name, 3, older, 240);
    traffic = await JetStreamTraffic.start(clusters, `nats://${name}:4222`);
    before = await clusters.members(name);
  }, 500_000);

  afterAll(() => clusters.remove(), 240_000);

  itSlowsWrites(
    'is waited for, and not restarted: messages flow, and none is lost',
    async () => {
      const slow = await slowWrites(`${name}-1`, 50);
      try {
        for (let round = 0; round < 3; round++) await expectNothingLost();
        expect((await clusters.members(name)).map(restartsOf)).toEqual(before.map(restartsOf));
      } finally {
        await slow.end();
      }
      await clusters.condition(name, 'JetStreamHealthy', 'True', 'current', 180);
    },
    900_000,
  );

  itSlowsWrites(
    'is upgraded in its turn, with the others only while it keeps up',
    async () => {
      const slow = await slowWrites(`${name}-1`, 20);
      try {
        await clusters.edit(name, { version: newer });
        await clusters.healed(name, 3, newer, before, 600);
      } finally {
        await slow.end();
      }
      await expectNothingLost();
    },
    1_200_000,
  );

  async function expectNothingLost(): Promise<void> {
    const account = await traffic.flows(240);
    console.log(expect.getState().currentTestName, account);
    expect(account).toMatchObject({ lost: 0, duplicated: 0 });
  }
});

/** Who a pod is, and how often its server was started again. */
function restartsOf({ metadata, status }: Pod): string {
  return `${metadata.uid} ${status.containerStatuses?.[0]?.restartCount ?? 0}`;
}
