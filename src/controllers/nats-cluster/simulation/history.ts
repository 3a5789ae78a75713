import fc from 'fast-check';
import { oneByOneAnnotation } from '../plan/end-cluster';
import { topics } from './api-log';
import { it, requests, toNodes, toObjects, toPods, toServers, type Happening } from './happenings';
import { type Spec } from './model';
import { type World } from './world';

const number = (max: number) => fc.integer({ min: 0, max });

/** A spec as a user may write it. */
export const spec: fc.Arbitrary<Spec> = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  version: fc.constantFrom('1.0.4', '2.10.29', '2.15.2'),
  maxUnavailable: fc.integer({ min: 1, max: 2 }),
  pauseBetweenMembersSeconds: fc.constantFrom(0, 20),
  paused: fc.constant(false),
  invalid: fc.constant(false),
  tls: fc.boolean(),
  setting: fc.constantFrom('a', 'b'),
  budget: fc.boolean(),
  storage: fc.boolean(),
  jetStream: fc.constant(false),
  superCluster: fc.constant(false),
  volume: fc.constant('1Gi'),
  team: fc.constantFrom('a', 'b'),
});

const edits: fc.Arbitrary<Partial<Spec>> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ size: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ version: fc.constantFrom('1.0.4', '2.10.29', '2.15.2', 'no such image', 'never ready') }),
  },
  fc.record({ paused: fc.boolean() }),
  fc.record({ invalid: fc.boolean() }),
  fc.record({ tls: fc.boolean() }),
  {
    weight: 3,
    arbitrary: fc.record({
      setting: fc.constantFrom('a', 'b', 'fixed', 'bad', 'bad'),
    }),
  },
  fc.record({ budget: fc.boolean() }),
  fc.record({ team: fc.constantFrom('a', 'b') }),
  fc.record({ superCluster: fc.boolean() }),
  fc.record({ volume: fc.constant('2Gi') }),
  fc.record({ maxUnavailable: fc.integer({ min: 1, max: 2 }) }),
);

const editing = edits.map(edit);

const clusterEnds = fc.oneof(
  fc.boolean().map((oneByOne) =>
    it(`a user deletes the cluster${oneByOne ? ', one by one' : ''}`, (world) => {
      world.deleteCluster(oneByOne ? { [oneByOneAnnotation]: 'true' } : {});
    }),
  ),
  spec.map((anew) =>
    it('a user makes the cluster, if there is none', (world) => {
      world.createCluster(anew);
    }),
  ),
);

const time = fc
  .constantFrom(5, 10, 30, 60, 120)
  .map((seconds) => it(`${seconds} s go by`, (world) => world.pass(seconds)));

const seeing = fc.oneof(
  fc.constant(
    it('the operator sees all', (_, operator) => {
      operator.seeAll();
    }),
  ),
  fc.tuple(fc.constantFrom(...topics), fc.integer({ min: 1, max: 4 })).map(([topic, count]) =>
    it(`the operator sees ${count} changes of ${topic}`, (_, operator) => {
      operator.see(topic, count);
    }),
  ),
);

const working = fc.oneof(
  { weight: 4, arbitrary: fc.constant(it('the operator works', (_, operator) => operator.reconcile())) },
  {
    weight: 1,
    arbitrary: number(4).map((writes) =>
      it(`the operator works, for ${writes} writes`, (_, operator) => operator.reconcile(writes)),
    ),
  },
);

/** The operator sees an edit, and not that it was taken back. */
const hesitantUser = edits.map((change) =>
  it(`a user sets ${JSON.stringify(change)} and takes it back, which the operator does not see`, async (world, operator) => {
    const before = world.cluster?.spec;
    world.editSpec(change);
    operator.seeAll();
    if (before) world.editSpec(before);
    await operator.reconcile();
  }),
);

/** The operator knows all, and then something happens that it does not see before it acts. */
const behindItsBack = fc
  .tuple(fc.oneof(toPods, toNodes, editing, requests), fc.constantFrom(0, 45))
  .map(([{ tell, happen }, seconds]) =>
    it(`${tell}, which the operator does not see in ${seconds} s`, async (world, operator) => {
      await world.pass(5);
      operator.seeAll();
      await happen(world, operator);
      await world.pass(seconds);
      await operator.reconcile();
    }),
  );

/** A round as it should be: time goes by, all is seen, the operator works. */
const round = fc.constant(
  it('a quiet round', async (world, operator) => {
    await world.pass(5);
    operator.seeAll();
    await operator.reconcile();
  }),
);

const anything = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: time },
    { weight: 6, arbitrary: seeing },
    { weight: 8, arbitrary: working },
    { weight: 24, arbitrary: round },
    { weight: 7, arbitrary: editing },
    { weight: 3, arbitrary: toObjects },
    { weight: 5, arbitrary: toPods },
    { weight: 5, arbitrary: toNodes },
    { weight: 3, arbitrary: toServers },
    { weight: 4, arbitrary: requests },
    { weight: 1, arbitrary: clusterEnds },
    { weight: 3, arbitrary: hesitantUser },
    { weight: 6, arbitrary: behindItsBack },
  ),
  { maxLength: 40, size: 'max' },
);

const settled = peace('the cluster comes up in peace', 8);

/** Anything that may happen to a cluster, from its first moment on or once it is up. */
export const history: fc.Arbitrary<Happening[]> = fc.oneof(
  { weight: 1, arbitrary: anything },
  { weight: 3, arbitrary: anything.map((happenings) => [settled, ...happenings]) },
);

/** An operator that is new to a cluster of nats-operator 0.8: it knows all that is there before it does anything. */
export const takeover: fc.Arbitrary<Happening[]> = anything.map((happenings) => [
  it('the operator starts', (_, operator) => {
    operator.restart();
  }),
  ...happenings,
]);

/** So many rounds as they should be, one after another. */
function peace(tell: string, rounds: number): Happening {
  return it(tell, async (world, operator) => {
    for (let left = rounds; left > 0; left--) {
      await world.pass(5);
      operator.seeAll();
      await operator.reconcile();
    }
  });
}

/** A cluster that a user takes from version to version, each time when the one before has come. */
export function upgrades(...versions: Spec['version'][]): Happening[] {
  const steps = versions.map((version) => edit({ version }));
  return [settled, ...steps.flatMap((step) => [step, peace('the upgrade ends in peace', 40)])];
}

/** A new config that no server takes, and a member that has to start all the same. */
export function refusal(): Happening[] {
  const lose = it('pod 0 is deleted', (world) => {
    const [pod] = world.ownPods;
    if (pod) world.deletePod(pod);
  });
  return [settled, edit({ setting: 'bad' }), peace('it is left at that', 20), lose, peace('it is made again', 20)];
}

/** A scale-down that waits for a stream which is as wide as the cluster was, and meanwhile another config. */
export function heldScaleDown(): Happening[] {
  const widen = it('the stream is to have 5 replicas', (world) => {
    world.streams.resize(5);
  });
  const hold = [edit({ size: 5 }), widen, peace('the stream is copied', 10), edit({ size: 3 }), peace('it waits', 10)];
  return [settled, ...hold, edit({ setting: 'b' }), peace('the config is on its way', 30)];
}

/** A cluster without streams that joins others, while its claims are to grow. */
export function joining(): Happening[] {
  const clear = it('the stream is deleted', (world) => {
    world.streams.resize(0);
  });
  return [settled, clear, edit({ superCluster: true, volume: '2Gi' }), peace('it joins them in peace', 60)];
}

function edit(change: Partial<Spec>): Happening {
  return it(`a user sets ${JSON.stringify(change)}`, (world) => {
    world.editSpec(change);
  });
}

/** What is true at that moment, or else there is no going on. */
export function expecting(tell: string, holds: (world: World) => boolean): Happening {
  return it(tell, (world) => {
    if (!holds(world)) throw new Error(`it is not so that ${tell}`);
  });
}

/** Nodes that are drained one after another as quickly as the budget lets pods go. */
export function drains(...nodes: string[]): Happening[] {
  const drain = (node: string) =>
    it(`${node} is drained until it is empty`, async (world, operator) => {
      world.drained.add(node);
      const isEmpty = () => world.ownPods.every(({ spec }) => spec.nodeName !== node);
      for (let rounds = 0; rounds < 100 && !isEmpty(); rounds++) {
        await world.pass(5);
        operator.seeAll();
        await operator.reconcile();
      }
      if (!isEmpty()) throw new Error(`${node} does not become empty`);
      world.drained.delete(node);
    });
  return [settled, ...nodes.map(drain)];
}
