import { eventually } from '../../../e2e/cluster/eventually';
import { CacheStore } from '../../kubernetes/cache-store';
import { Informer } from '../../kubernetes/informer';
import { keyText } from '../../kubernetes/object';
import { kinds } from '../../kubernetes/resource-kind';
import { clusterLabel, memberLabel } from '../../templates/names';
import { KwokCluster } from '../../testing/kwok-cluster';
import { RunningOperator } from '../../testing/running-operator';
import { type TestedCluster } from '../../testing/tested-cluster';
import { oneByOneAnnotation } from './plan/end-cluster';
import { type Pod } from './plan/situation';

const patience = 120;
const name = 'nats';
const old = '2.14.9';
const current = '2.15.2';
/** Something that a user wants of a cluster. */
interface Task {
  /** What is there before; nothing where absent. */
  readonly before?: { readonly size: number; readonly version: string };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly begin: (cluster: TestedCluster) => Promise<void>;
  readonly ended: (cluster: TestedCluster) => Promise<void>;
  /** Crashes that are tried at once, each in a namespace of its own: best a few more than there are writes. */
  readonly atOnce: number;
}

/** The operator dies right after a write, for each write that a task takes, and the next one must find its way. */
describe('an operator that is killed after any write', () => {
  let kwok: KwokCluster;
  const operators: RunningOperator[] = [];
  const watching = new AbortController();
  const doubles: string[] = [];

  beforeAll(async () => {
    kwok = await KwokCluster.start();
    void watchForDoubles();
  }, 300_000);

  afterAll(async () => {
    watching.abort();
    await kwok.remove();
  }, 300_000);

  afterEach(async () => {
    await Promise.all(operators.splice(0).map((operator) => operator.stop()));
    expect(doubles).toEqual([]);
  });

  /** Notes each moment at which a member has two pods of which none is asked to go. */
  async function watchForDoubles(): Promise<void> {
    const store = new CacheStore<Pod>();
    const memberOf = ({ metadata: { namespace, labels } }: Pod) =>
      JSON.stringify([namespace, labels?.[clusterLabel], labels?.[memberLabel]]);
    store.subscribe(({ type, object }) => {
      if (type !== 'ADDED') return;
      const twins = store.list().filter((pod) => memberOf(pod) === memberOf(object) && !pod.metadata.deletionTimestamp);
      if (twins.length > 1) doubles.push(twins.map(({ metadata }) => keyText(metadata)).join(' and '));
    });
    const options = { kind: kinds.pod, labelSelector: clusterLabel };
    await new Informer(kwok.client, store, options).run(watching.signal);
  }

  async function start(): Promise<RunningOperator> {
    const operator = await RunningOperator.start(kwok.controlPlane);
    operators.push(operator);
    return operator;
  }

  /**
   * Runs the task with a crash after its first write, its second and so on, until it gets through. Returns how many writes
   * were the last of an operator.
   */
  async function crashAtEachWrite(title: string, task: Task): Promise<number> {
    const began = performance.now();
    let tried = 0;
    let died = 0;
    do {
      died += await crash(title, task, tried + 1);
      tried += task.atOnce;
    } while (died === tried);
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(`${title}: the operator died after each of ${died} writes, ${seconds} s\n`);
    return died;
  }

  /** Crashes after that many writes and some more, and once not at all: all must end the same. Returns how many died. */
  async function crash(title: string, task: Task, first: number): Promise<number> {
    const { before, atOnce } = task;
    const numbers = Array.from({ length: atOnce }, (_, index) => first + index);
    const undisturbed = kwok.natsCluster(name, `${title}-before-${first}`);
    const others = numbers.map((writes) => kwok.natsCluster(name, `${title}-${writes}`));
    const clusters = [undisturbed, ...others];
    await Promise.all(clusters.map(({ namespace }) => kwok.addNamespace(namespace)));
    const mortal = await start();
    if (before) {
      await Promise.all(clusters.map((cluster) => cluster.create(before, task.annotations)));
      await Promise.all(clusters.map((cluster) => cluster.settled(before, patience)));
    }

    const deaths = others.map(({ namespace }, index) => mortal.dieAfter(first + index, namespace));
    await Promise.all(clusters.map((cluster) => task.begin(cluster)));
    await Promise.all([
      task.ended(undisturbed),
      ...others.map((cluster, index) => Promise.race([task.ended(cluster), deaths[index]?.came])),
    ]);
    mortal.kill();

    await start();
    await Promise.all(others.map((cluster) => task.ended(cluster)));
    for (const cluster of others) {
      await eventually(patience, async () => {
        const end = await undisturbed.everything();
        expect([cluster.namespace, ...(await cluster.everything())]).toEqual([cluster.namespace, ...end]);
      });
    }
    return deaths.filter(({ isDecided }) => isDecided).length;
  }

  const settled = (size: number, version: string) => (cluster: TestedCluster) =>
    cluster.settled({ size, version }, patience);
  const gone = (cluster: TestedCluster) => cluster.gone(patience);

  it('brings a new cluster up all the same', async () => {
    const writes = await crashAtEachWrite('create', {
      atOnce: 14,
      begin: (cluster) => cluster.create({ size: 3, version: old }),
      ended: settled(3, old),
    });
    expect(writes).toBeGreaterThanOrEqual(8); // finalizer, four objects, three pods at least
  }, 600_000);

  it('lets it grow all the same', async () => {
    const writes = await crashAtEachWrite('grow', {
      atOnce: 10,
      before: { size: 1, version: old },
      begin: (cluster) => cluster.edit({ size: 3 }),
      ended: settled(3, old),
    });
    expect(writes).toBeGreaterThanOrEqual(3);
  }, 600_000);

  it('lets it shrink all the same', async () => {
    const writes = await crashAtEachWrite('shrink', {
      atOnce: 12,
      before: { size: 3, version: old },
      begin: (cluster) => cluster.edit({ size: 1 }),
      ended: settled(1, old),
    });
    expect(writes).toBeGreaterThanOrEqual(3);
  }, 600_000);

  it('upgrades it all the same', async () => {
    const writes = await crashAtEachWrite('upgrade', {
      atOnce: 20,
      before: { size: 2, version: old },
      begin: (cluster) => cluster.edit({ version: current }),
      ended: settled(2, current),
    });
    expect(writes).toBeGreaterThanOrEqual(4);
  }, 600_000);

  it('takes it away all the same', async () => {
    const writes = await crashAtEachWrite('delete', {
      atOnce: 11,
      before: { size: 2, version: old },
      begin: (cluster) => cluster.delete(),
      ended: gone,
    });
    expect(writes).toBeGreaterThanOrEqual(6);
  }, 600_000);

  it('takes its members away one by one all the same', async () => {
    const writes = await crashAtEachWrite('leave', {
      atOnce: 20,
      before: { size: 2, version: old },
      annotations: { [oneByOneAnnotation]: 'true' },
      begin: (cluster) => cluster.delete(),
      ended: gone,
    });
    expect(writes).toBeGreaterThanOrEqual(6);
  }, 600_000);
});
