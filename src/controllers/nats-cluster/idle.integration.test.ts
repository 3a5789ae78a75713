import { setTimeout as sleep } from 'node:timers/promises';
import { whole } from '../../../e2e/cluster/control-plane/stand-ins';
import { eventually } from '../../../e2e/cluster/eventually';
import { increase, isWrite, requestCounts } from '../../testing/api-server-counters';
import { operatedKwok } from '../../testing/operated-kwok';

// A longer look by hand: IDLE_SECONDS=300
const seconds = Number(process.env.IDLE_SECONDS ?? 15);
const size = 3;
const version = '2.15.2';

describe('an operator of clusters that nobody changes', () => {
  const asked = new Set<string>();

  const operated = operatedKwok({
    answer: (ip, path) => {
      asked.add(ip);
      return isSilent(ip) ? undefined : whole(ip, path);
    },
  });

  it(
    `writes nothing for ${seconds} s`,
    async () => {
      const clusters = Array.from({ length: 20 }, (_, index) => operated.kwok.natsCluster(`idle-${index}`));
      await Promise.all(clusters.map((cluster) => cluster.create({ size, version })));
      await Promise.all(clusters.map((cluster) => cluster.settled({ size, version }, 120)));
      // a while later servers are asked for their ids, of which some do not answer
      await eventually(60, async () => {
        for (const cluster of clusters) {
          const ips = new Map(
            (await cluster.pods()).map(({ metadata, status }) => [metadata.name, status?.podIP ?? '']),
          );
          expect(asked).toEqual(expect.objectContaining(new Set(ips.values())));
          for (const { pod, serverId } of (await cluster.get())?.status?.members ?? []) {
            const ip = ips.get(pod ?? '') ?? '';
            expect(serverId).toBe(isSilent(ip) ? undefined : `server at ${ip}`);
          }
        }
      });

      const [before, callsBefore] = [await counters(), operated.operator.calls.length];
      await sleep(seconds * 1000);
      const [after, calls] = [await counters(), operated.operator.calls.slice(callsBefore)];
      const changed = increase(before, after);
      process.stdout.write(`in ${seconds} s: ${changed.map(([what, count]) => `${count} ${what}`).join(', ')}\n`);
      process.stdout.write(`by the operator: ${reads(calls)} reads, ${calls.length - reads(calls)} writes\n`);
      const writes = changed.filter(([what]) => isWrite(what));
      // leases are the nodes' and the control plane's; that of a leader, who would lose it where a test has to wait for its
      // turn, is looked at in replicas.integration.test.ts
      expect(writes.filter(([what]) => what !== 'PUT leases')).toEqual([]);
      // a watch that is renewed after minutes looks first, at one object, whether the API server went back in time
      expect(calls.filter((call) => !/watch=1|limit=1&/.test(call))).toEqual([]);
    },
    (seconds + 250) * 1000,
  );

  it('writes nothing after a restart either', async () => {
    await operated.restartOperator();
    await eventually(60, () => {
      expect(reads(operated.operator.calls)).toBeGreaterThan(5);
      return Promise.resolve();
    });
    await sleep(8_000); // nothing is what must happen
    expect(operated.operator.calls.filter((call) => !call.startsWith('GET'))).toEqual([]);
  }, 180_000);

  async function counters(): Promise<Map<string, number>> {
    return requestCounts(await operated.kwok.controlPlane.kubectl('get', '--raw', '/metrics'));
  }
});

function reads(calls: readonly string[]): number {
  return calls.filter((call) => call.startsWith('GET')).length;
}

/** Whether the server at this address does not answer. */
function isSilent(ip: string): boolean {
  return Number(ip.split('.')[3]) % 3 === 0;
}
