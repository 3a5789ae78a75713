import { eventually } from '../../../e2e/cluster/eventually';
import { KwokCluster } from '../../testing/kwok-cluster';
import { RunningOperator } from '../../testing/running-operator';
import { type TestedCluster } from '../../testing/tested-cluster';

const version = '2.14.9';

/** Calls by what they are for; watches are left out. */
interface Calls {
  readonly objects: number;
  readonly status: number;
  readonly events: number;
  readonly reads: number;
}

// Each call costs the API server some milliseconds, and a thousand clusters make a thousand times as many: who needs more
// than this must have a reason.
describe('the calls to the API server', () => {
  let kwok: KwokCluster;
  let operator: RunningOperator;
  let cluster: TestedCluster;

  beforeAll(async () => {
    kwok = await KwokCluster.start();
    operator = await RunningOperator.start(kwok.controlPlane);
    await kwok.addNamespace('budget');
    cluster = kwok.natsCluster('nats', 'budget');
  }, 90_000);

  afterAll(async () => {
    await operator.stop();
    await kwok.remove();
  }, 60_000);

  it('of a new cluster of three are eight for objects and at most three for its status', async () => {
    const calls = await callsOf(() => cluster.create({ size: 3, version }), { size: 3, version });
    // config, two services, budget, three pods, and the finalizer
    expect(calls.objects).toBe(8);
    expect(calls.status).toBeLessThanOrEqual(3);
    expect(calls.events).toBe(1);
    // whether one of the four objects beside the pods is somebody else's
    expect(calls.reads).toBeLessThanOrEqual(5);
  }, 120_000);

  it('of two more members are config, budget and two pods', async () => {
    const calls = await callsOf(() => cluster.edit({ size: 5 }), { size: 5, version });
    expect(calls.objects).toBe(4);
    expect(calls.status).toBeLessThanOrEqual(4);
    expect(calls.reads).toBeLessThanOrEqual(8);
  }, 120_000);

  it('of an upgrade are a pod deleted and a pod made for each member, and at most four for its status', async () => {
    const calls = await callsOf(() => cluster.edit({ version: '2.15.2' }), { size: 5, version: '2.15.2' });
    expect(calls.objects).toBe(10);
    expect(calls.status).toBeLessThanOrEqual(5 * 4);
    expect(calls.reads).toBeLessThanOrEqual(5 * 12);
  }, 180_000);

  /** The calls in the cluster's namespace until it is settled and its servers were asked who they are. */
  async function callsOf(change: () => Promise<void>, expected: { size: number; version: string }): Promise<Calls> {
    const before = operator.calls.length;
    await change();
    await cluster.settled(expected, 60);
    await eventually(60, async () => {
      const members = (await cluster.get())?.status?.members ?? [];
      if (!members.every(({ serverId }) => serverId)) throw new Error('servers were not asked yet');
    });
    const calls = operator.calls.slice(before).filter((call) => call.includes('/namespaces/budget/'));
    const writes = calls.filter((call) => !call.startsWith('GET'));
    const [status, events] = [/\/natsclusters\/nats\/status\b/, /\/events\b/].map((kind) =>
      writes.filter((call) => kind.test(call)),
    );
    const objects = writes.filter((call) => !status?.includes(call) && !events?.includes(call));
    const counts = {
      objects: objects.length,
      status: status?.length ?? 0,
      events: events?.length ?? 0,
      reads: calls.length - writes.length,
    };
    process.stdout.write(`${JSON.stringify(counts)} for ${JSON.stringify(expected)}\n`);
    return counts;
  }
});
