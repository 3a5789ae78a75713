import { eventually } from '../cluster/eventually';
import { isReady, NatsClusters } from '../testing/nats-clusters';
import { Traffic } from '../testing/traffic/traffic';

const namespace = 'upgrade';
const name = 'busy';

// Each test finds what the one before it left.
describe('clients of a cluster that is upgraded', () => {
  let clusters: NatsClusters;
  let traffic: Traffic;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await clusters.create(name, { size: 3, version: '1.0.4', lameDuckDurationSeconds: 30 });
    await clusters.settled(name, 3, '1.0.4');
    traffic = await Traffic.start(clusters, `nats://${name}:4222`);
  }, 600_000);

  afterAll(() => clusters.remove(), 330_000);

  it('find each other again after an upgrade from 1.0.4, whose servers can not route to those of 2.x', async () => {
    await upgrade('2.10.29');
    const account = await traffic.flows();
    console.log('1.0.4 to 2.10.29', account);
    expect(Math.min(...account.reconnects)).toBeGreaterThan(0);
  }, 600_000);

  it('lose nothing while they are connected to a living member, from 2.10.29 to 2.15.2', async () => {
    const before = await traffic.flows();
    await upgrade('2.15.2');
    const after = await traffic.flows();
    console.log('2.10.29 to 2.15.2', after, 'was', before);
    expect(after.reconnects.reduce(sum)).toBeGreaterThan(before.reconnects.reduce(sum));
    expect(after.lostWhileConnected).toEqual(before.lostWhileConnected);
  }, 600_000);

  async function upgrade(version: string): Promise<void> {
    await clusters.edit(name, { version });
    let fewest = 3;
    await eventually(240, async () => {
      fewest = Math.min(fewest, (await clusters.pods(name)).filter(isReady).length);
      await clusters.expectSettled(name, 3, version);
    });
    expect(fewest).toBeGreaterThanOrEqual(2);
  }
});

function sum(a: number, b: number): number {
  return a + b;
}
