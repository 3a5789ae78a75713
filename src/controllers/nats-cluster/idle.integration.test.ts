import { eventually } from '../../../e2e/cluster/eventually';
import { KwokCluster } from '../../testing/kwok-cluster';
import { RunningOperator } from '../../testing/running-operator';

const names = Array.from({ length: 20 }, (_, index) => `idle-${index}`);
const expected = { size: 3, version: '2.15.2' };
/** Seconds in which nothing may be written; IDLE_SECONDS=300 has it watch for longer. */
const quietSeconds = Number(process.env.IDLE_SECONDS ?? 15);

describe('an operator whose clusters are all as they should be', () => {
  let cluster: KwokCluster;
  let operator: RunningOperator;

  beforeAll(async () => {
    cluster = await KwokCluster.start();
    operator = await RunningOperator.start(cluster.controlPlane);
    await Promise.all(names.map((name) => cluster.natsCluster(name).create(expected)));
    await Promise.all(names.map((name) => cluster.natsCluster(name).settled(expected, 90)));
    // the last thing that a status gets is what the servers say of themselves
    await eventually(60, async () => {
      const members = (await Promise.all(names.map((name) => cluster.natsCluster(name).get()))).flatMap(
        (found) => found?.status?.members ?? [],
      );
      expect(members.filter(({ serverId }) => serverId)).toHaveLength(expected.size * names.length);
    });
  }, 180_000);

  afterAll(async () => {
    await operator.stop();
    await cluster.remove();
  }, 60_000);

  it(
    'writes nothing',
    async () => {
      const before = { ours: operator.writes.length, all: await writesOfAll() };
      await new Promise((resolve) => setTimeout(resolve, quietSeconds * 1000)); // nothing is what must happen
      const after = { ours: operator.writes.length, all: await writesOfAll() };
      process.stderr.write(`reads in ${quietSeconds} s: ${readsSince(quietSeconds)}\n`);
      expect(operator.writes.slice(before.ours)).toEqual([]);
      // by the API server's own count too, so that no write went past the proxy
      expect(after.all).toEqual(before.all);
    },
    (quietSeconds + 30) * 1000,
  );

  it('writes nothing after a restart either', async () => {
    await operator.stop();
    operator = await RunningOperator.start(cluster.controlPlane);
    await new Promise((resolve) => setTimeout(resolve, 5_000)); // nothing is what must happen
    expect(operator.requests.length).toBeGreaterThan(5); // it has read
    expect(operator.writes).toEqual([]);
  }, 60_000);

  function readsSince(seconds: number): number {
    const since = performance.now() - seconds * 1000;
    return operator.requests.filter(({ at }) => at > since).length;
  }

  /** Writes of what an operator writes, by resource, as the API server counted them since its start. */
  async function writesOfAll(): Promise<Record<string, number>> {
    const metrics = await cluster.controlPlane.kubectl('get', '--raw', '/metrics');
    const counts: Record<string, number> = {};
    for (const [, labels = '', count] of metrics.matchAll(/^apiserver_request_total\{(.*)\} (\d+)$/gm)) {
      const label = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
      const resource = label('resource');
      if (/^(GET|LIST|WATCH|CONNECT)$/.test(label('verb')) || !watched.includes(resource)) continue;
      counts[resource] = (counts[resource] ?? 0) + Number(count);
    }
    return counts;
  }
});

// not pods, nodes, leases, budgets and events: KWOK and the control plane's own controllers write those
const watched = ['natsclusters', 'secrets', 'services'];
