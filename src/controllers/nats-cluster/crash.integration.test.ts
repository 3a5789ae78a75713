import { Informer } from '../../kubernetes/informer';
import { CacheStore } from '../../kubernetes/cache-store';
import { kinds } from '../../kubernetes/resource-kind';
import { clusterLabel, memberLabel } from '../../templates/names';
import { KwokCluster } from '../../testing/kwok-cluster';
import { RunningOperator } from '../../testing/running-operator';
import { type Pod } from './plan/situation';

const patience = 60;
const old = '2.14.9';
const current = '2.15.2';

/** The operator dies right after a write, for each write that a task takes, and the next one must find its way. */
describe('an operator that is killed after any write', () => {
  let cluster: KwokCluster;
  const operators: RunningOperator[] = [];
  const watching = new AbortController();
  const doubles: string[] = [];

  beforeAll(async () => {
    cluster = await KwokCluster.start('127.102.0');
    void watchForDoubles();
  }, 120_000);

  afterAll(async () => {
    watching.abort();
    await Promise.all(operators.map((operator) => operator.stop()));
    await cluster.remove();
  }, 120_000);

  afterEach(() => {
    expect(doubles).toEqual([]);
  });

  /** Notes each moment at which a member has two pods of which none is asked to go. */
  async function watchForDoubles(): Promise<void> {
    const store = new CacheStore<Pod>();
    store.subscribe(({ type, object }) => {
      if (type !== 'ADDED') return;
      const { labels } = object.metadata;
      const twins = store
        .list()
        .filter(({ metadata }) => metadata.labels?.[clusterLabel] === labels?.[clusterLabel])
        .filter(({ metadata }) => metadata.labels?.[memberLabel] === labels?.[memberLabel])
        .filter(({ metadata }) => !metadata.deletionTimestamp);
      if (twins.length > 1) doubles.push(twins.map(({ metadata }) => metadata.name).join(' and '));
    });
    const options = { kind: kinds.pod, labelSelector: clusterLabel };
    await new Informer(cluster.client, store, options).run(watching.signal);
  }

  async function start(cutAfter?: number): Promise<RunningOperator> {
    const operator = await RunningOperator.start(cluster.controlPlane, { cutAfter });
    operators.push(operator);
    return operator;
  }

  /**
   * Lets an operator that dies after `n` writes begin the task and another one end it, for each n until the first one gets
   * through. Returns how many writes the task takes.
   */
  async function forEachWrite(task: (n: number) => { begin: () => Promise<void>; end: () => Promise<void> }) {
    for (let n = 1; ; n++) {
      const { begin, end } = task(n);
      const mortal = await start(n);
      await begin();
      const survived = await Promise.race([end().then(() => true), mortal.died.then(() => false)]);
      if (survived && !mortal.isCut) {
        await mortal.stop();
        return n - 1;
      }
      const next = await start();
      await end();
      await next.stop();
    }
  }

  it('brings a new cluster up all the same', async () => {
    const writes = await forEachWrite((n) => ({
      begin: () => cluster.create(`new-${n}`, { size: 3, version: old }),
      end: () => cluster.settled(`new-${n}`, { size: 3, version: old }, patience),
    }));
    expect(writes).toBeGreaterThan(8); // finalizer, four objects, three pods and a status at least
  }, 900_000);

  it('resizes and upgrades it all the same', async () => {
    const operator = await start();
    await cluster.create('changing', { size: 1, version: old });
    await cluster.settled('changing', { size: 1, version: old }, patience);
    await operator.stop();
    const writes = await forEachWrite((n) => {
      const now = n % 2 === 0 ? { size: 1, version: old } : { size: 3, version: current };
      return {
        begin: () => cluster.edit('changing', now),
        end: () => cluster.settled('changing', now, patience),
      };
    });
    expect(writes).toBeGreaterThan(5);
  }, 900_000);

  it('takes it away all the same', async () => {
    const operator = await start();
    const names = Array.from({ length: 12 }, (_, index) => `old-${index + 1}`);
    await Promise.all(names.map((name) => cluster.create(name, { size: 2, version: old })));
    await Promise.all(names.map((name) => cluster.settled(name, { size: 2, version: old }, patience)));
    await operator.stop();
    const writes = await forEachWrite((n) => ({
      begin: () => cluster.delete(`old-${n}`),
      end: () => cluster.gone(`old-${n}`, patience),
    }));
    expect(writes).toBeGreaterThan(5);
  }, 900_000);
});
