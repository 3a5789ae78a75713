import fc from 'fast-check';
import { oneByOneAnnotation } from '../plan/end-cluster';
import { memberLabel } from '../../../templates/names';
import { type StoredObject } from '../../../kubernetes/object';
import { topics } from './api-log';
import { clusterName, userSecret, type Spec } from './model';
import { type Operator } from './operator';
import { type World } from './world';

/** Something that happens, and how one would tell it. */
export interface Happening {
  readonly tell: string;
  readonly happen: (world: World, operator: Operator) => unknown;
}

/** Somebody else. */
const owner = { apiVersion: 'v1', kind: 'App', name: 'other', uid: 'other', controller: true };

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
  budget: fc.boolean(),
  storage: fc.boolean(),
  jetStream: fc.constant(false),
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
  fc.record({ budget: fc.boolean() }),
  fc.record({ team: fc.constantFrom('a', 'b') }),
  fc.record({ maxUnavailable: fc.integer({ min: 1, max: 2 }) }),
);

const editing = edits.map((change) =>
  it(`a user sets ${JSON.stringify(change)}`, (world) => {
    world.editSpec(change);
  }),
);

const toObjects = fc.oneof(
  fc.boolean().map((there) =>
    it(`the secret that the spec refers to ${there ? 'appears' : 'disappears'}`, (world) => {
      if (!there) world.log.remove('secrets', userSecret);
      else if (!world.log.get('secrets', userSecret)) world.log.put('secrets', world.object('Secret', userSecret));
    }),
  ),
  fc.constantFrom('Secret', 'Service', 'PodDisruptionBudget').map((kind) =>
    it(`somebody deletes the ${kind}`, (world) => {
      world.log.remove('objects', `${kind}/${clusterName}`);
    }),
  ),
  fc.constant(
    it('somebody edits the Service', (world) => {
      const service = world.log.get('objects', `Service/${clusterName}`);
      if (service)
        world.log.put(
          'objects',
          { ...service, spec: { selector: { by: 'hand' } } } as StoredObject,
          `Service/${clusterName}`,
        );
    }),
  ),
  fc.constantFrom('Service', 'PodDisruptionBudget').map((kind) =>
    it(`somebody puts a ${kind} in the place of ours`, (world) => {
      const key = `${kind}/${clusterName}`;
      const { metadata, ...object } = world.object(kind, clusterName);
      world.log.remove('objects', key);
      world.log.put('objects', { ...object, metadata: { ...metadata, ownerReferences: [owner] } }, key);
    }),
  ),
  fc.constant(
    it('somebody makes a pod that looks like ours', (world) => {
      const pod = world.object('Pod', `stranger-${world.log.version}`);
      const labels = { nats_cluster: clusterName, [memberLabel]: '0' };
      world.createPod({
        ...pod,
        metadata: { ...pod.metadata, labels, ownerReferences: [owner] },
        spec: { containers: [] },
      } as StoredObject);
    }),
  ),
);

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

const toPods = fc
  .tuple(
    number(9),
    fc.constantFrom(
      ...(['deleted', 'force deleted', 'evicted', 'stuck', 'crashing', 'cut off from the others'] as const),
      ...(['hanging and deleted', 'well'] as const),
    ),
  )
  .map(([index, fate]) =>
    it(`pod ${index} is ${fate}`, (world) => {
      const pods = world.pods;
      const pod = pods[index % Math.max(1, pods.length)];
      if (!pod) return;
      if (fate === 'deleted') world.deletePod(pod);
      else if (fate === 'force deleted') world.deletePod(pod, 0);
      else if (fate === 'evicted') world.evict(pod);
      else if (fate === 'well') world.mark(pod, { stuck: false, crashes: false, hangs: false, isolated: false });
      else {
        world.mark(pod, {
          stuck: fate === 'stuck',
          crashes: fate === 'crashing',
          isolated: fate === 'cut off from the others',
          hangs: fate === 'hanging and deleted',
        });
        if (fate === 'hanging and deleted') world.deletePod(pod);
      }
    }),
  );

const toNodes = fc
  .tuple(number(3), fc.constantFrom('dies', 'comes back', 'is removed', 'is declared off'))
  .map(([index, fate]) => {
    const name = `node-${index}`;
    return it(`${name} ${fate}`, (world) => {
      if (fate === 'dies') world.killNode(name);
      else if (fate === 'is removed') world.removeNode(name);
      else if (fate === 'is declared off') world.taintNode(name);
      else if (world.node(name)) world.reviveNode(name);
      else world.addNode(name);
    });
  });

const toServers = fc.oneof(
  fc.boolean().map((broken) =>
    it(`routes ${broken ? 'break' : 'are whole'}`, (world) => {
      for (const pod of world.pods) world.mark(pod, { isolated: broken });
    }),
  ),
  fc
    .boolean()
    .map((down) => it(`monitoring is ${down ? 'down' : 'up'}`, (world) => void (world.monitoringDown = down))),
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
  .tuple(fc.oneof(toPods, toNodes, editing), fc.constantFrom(0, 45))
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
    { weight: 1, arbitrary: clusterEnds },
    { weight: 3, arbitrary: hesitantUser },
    { weight: 6, arbitrary: behindItsBack },
  ),
  { maxLength: 40, size: 'max' },
);

const settled = it('the cluster comes up in peace', async (world, operator) => {
  for (let rounds = 0; rounds < 8; rounds++) {
    await world.pass(5);
    operator.seeAll();
    await operator.reconcile();
  }
});

/** Anything that may happen to a cluster, from its first moment on or once it is up. */
export const history: fc.Arbitrary<Happening[]> = fc.oneof(
  { weight: 1, arbitrary: anything },
  { weight: 3, arbitrary: anything.map((happenings) => [settled, ...happenings]) },
);

/** A cluster that a user takes from version to version, each time when the one before has come. */
export function upgrades(...versions: Spec['version'][]): Happening[] {
  const settle = it('the upgrade ends in peace', async (world, operator) => {
    for (let rounds = 0; rounds < 40; rounds++) {
      await world.pass(5);
      operator.seeAll();
      await operator.reconcile();
    }
  });
  const steps = versions.map((version) =>
    it(`a user sets version ${version}`, (world) => {
      world.editSpec({ version });
    }),
  );
  return [settled, ...steps.flatMap((step) => [step, settle])];
}

function it(tell: string, happen: Happening['happen']): Happening {
  return { tell, happen, toString: () => tell } as Happening;
}
