import { eventually } from '../../../e2e/cluster/eventually';
import { operatedKwok } from '../../testing/operated-kwok';
import { type TestedCluster } from '../../testing/tested-cluster';

const version = '2.14.9';

/** Calls by what they are for; watches are left out. */
interface Calls {
  readonly objects: number;
  readonly status: number;
  readonly events: number;
  readonly reads: number;
}

type Change = keyof typeof budget;
const changes = ['new', 'scaled', 'upgraded'] as const;

/**
 * How often each change is made, at least and at most. A slow machine pulls apart what happens at once, which is then told one by
 * one: noise can only add calls, so what counts is the least of some tries, and there are more while that is over the budget.
 */
const tries = { least: 2, most: 6 };

const budget = {
  new: { status: 3, events: 1, reads: 3 },
  scaled: { status: 4, reads: 4 },
  upgraded: { status: 5 * 3, reads: 5 * 8 },
};

// Each call costs the API server some milliseconds, and a thousand clusters make a thousand times as many: who needs more
// than this must have a reason.
describe('the calls to the API server', () => {
  const operated = operatedKwok();
  const calls: Record<Change, Calls[]> = { new: [], scaled: [], upgraded: [] };

  beforeAll(async () => {
    for (
      let number = 0;
      number < tries.least || (changes.some((change) => over(change).length > 0) && number < tries.most);
      number++
    ) {
      const namespace = `budget-${number}`;
      await operated.kwok.addNamespace(namespace);
      const cluster = operated.kwok.natsCluster('nats', namespace);
      calls.new.push(await callsOf(cluster, () => cluster.create({ size: 3, version }), { size: 3, version }));
      calls.scaled.push(await callsOf(cluster, () => cluster.edit({ size: 5 }), { size: 5, version }));
      const upgrade = { size: 5, version: '2.15.2' };
      calls.upgraded.push(await callsOf(cluster, () => cluster.edit(upgrade), upgrade));
    }
  }, 600_000);

  it('of a new cluster of three are eight for objects, three for its status at most, and one event', () => {
    // config, two services, budget, three pods, and the finalizer
    expect(objectsOf('new')).toEqual(new Set([8]));
    // what was made and did not reach the caches yet is asked for, and nothing else
    expect(over('new')).toEqual([]);
    expect(least('new', 'events')).toBe(1);
  });

  it('of two more members are config, budget and two pods, and at most four for its status', () => {
    expect(objectsOf('scaled')).toEqual(new Set([4]));
    expect(over('scaled')).toEqual([]);
  });

  it('of an upgrade are a pod deleted and a pod made for each member, and at most three for its status', () => {
    expect(objectsOf('upgraded')).toEqual(new Set([10]));
    expect(over('upgraded')).toEqual([]);
  });

  /** What a change takes more of than it may. */
  function over(change: Change): string[] {
    const most = Object.entries(budget[change]) as [keyof Calls, number][];
    return most.flatMap(([what, count]) => (least(change, what) > count ? [`${least(change, what)} ${what}`] : []));
  }

  function least(change: Change, what: keyof Calls): number {
    return Math.min(...calls[change].map((counts) => counts[what]));
  }

  /** Objects are written as often as they must be, however slow the machine is. */
  function objectsOf(change: Change): Set<number> {
    return new Set(calls[change].map(({ objects }) => objects));
  }

  /** The calls in the cluster's namespace until it is settled and its servers were asked who they are. */
  async function callsOf(
    cluster: TestedCluster,
    change: () => Promise<void>,
    expected: { size: number; version: string },
  ): Promise<Calls> {
    const before = operated.operator.calls.length;
    await change();
    await cluster.settled(expected, 90);
    await eventually(60, async () => {
      const members = (await cluster.get())?.status?.members ?? [];
      if (!members.every(({ serverId }) => serverId)) throw new Error('servers were not asked yet');
    });
    const own = operated.operator.calls
      .slice(before)
      .filter((call) => call.includes(`/namespaces/${cluster.namespace}/`));
    const writes = own.filter((call) => !call.startsWith('GET'));
    const [status, events] = [/\/natsclusters\/nats\/status\b/, /\/events\b/].map((kind) =>
      writes.filter((call) => kind.test(call)),
    );
    const objects = writes.filter((call) => !status?.includes(call) && !events?.includes(call));
    const counts = {
      objects: objects.length,
      status: status?.length ?? 0,
      events: events?.length ?? 0,
      reads: own.length - writes.length,
    };
    process.stdout.write(`${JSON.stringify(counts)} for ${JSON.stringify(expected)}\n`);
    return counts;
  }
});
