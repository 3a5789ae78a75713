import fc from 'fast-check';
import { covers } from '../plan/covers';
import { isOwnedBy } from '../plan/owner';
import { restartHashAnnotation } from '../../../templates/names';
import { history, spec, upgrades, type Happening } from './history';
import { clusterName, ordinalOf, userSecret, wantedOf, type Spec } from './model';
import { Operator } from './operator';
import { World } from './world';

// The same histories each time. Others, and more: SIMULATION_SEED=$RANDOM SIMULATIONS=100000; one again: with its SIMULATION_PATH.
const runs = Number(process.env.SIMULATIONS ?? 1000);
const seed = Number(process.env.SIMULATION_SEED ?? 1);
const path = process.env.SIMULATION_PATH;

const roundsToQuiet = 300;
const stillRounds = 10;

const plainSpec: Spec = {
  size: 3,
  version: '2.15.2',
  maxUnavailable: 1,
  pauseBetweenMembersSeconds: 0,
  paused: false,
  invalid: false,
  tls: false,
  budget: true,
  storage: false,
  jetStream: false,
  team: 'a',
};

/** What the operator says of situations that a thousand histories lead to. */
const situations = [
  ...['AddingMembers', 'Applying', 'Deleting', 'ImagePullFailed', 'Invalid', 'MemberCrashing', 'MemberLost'],
  ...['MemberNotReady', 'NameTaken', 'Paused', 'Removing', 'RemovingMembers', 'Replacing', 'Rolling'],
  ...['RoutesIncomplete', 'SecretMissing', 'Starting'],
];

describe('a simulated cluster', () => {
  const reasons = new Set<string>();

  it('keeps what must hold through any history, and comes to what the spec asks for when it is quiet', async () => {
    process.stdout.write(`SIMULATION_SEED=${seed}\n`);
    await fc.assert(
      fc.asyncProperty(spec, history, async (first, happenings) => {
        const { operator } = await simulate(first, happenings);
        for (const reason of operator.reasons) reasons.add(reason);
      }),
      { numRuns: runs, seed, path, interruptAfterTimeLimit: undefined },
    );
  }, 3_600_000);

  it('has met all that can come up', () => {
    const met = [...reasons].sort();
    if (runs >= 1000) expect(met).toEqual(expect.arrayContaining(situations));
    else expect(met).not.toEqual([]);
  });
});

describe('a simulated cluster with JetStream', () => {
  const reasons = new Set<string>();

  it('never loses a majority by our doing, nor a replica, and comes to what the spec asks for', async () => {
    await fc.assert(
      fc.asyncProperty(spec, history, async (first, happenings) => {
        const { operator } = await simulate({ ...first, storage: true, jetStream: true }, happenings);
        for (const reason of operator.reasons) reasons.add(reason);
      }),
      { numRuns: Math.ceil(runs / 10), seed, path, interruptAfterTimeLimit: undefined },
    );
    if (runs >= 1000) expect([...reasons]).toContain('LeavingJetStream');
  }, 3_600_000);
});

describe('a simulated upgrade', () => {
  it.each([1, 2, 3, 5])('from 1.x goes through two halves that have no routes, with %i members', async (size) => {
    const first = { ...plainSpec, size, version: '1.0.4' } as const;
    const { world } = await simulate(first, upgrades('2.10.29', '2.15.2'));
    expect(restarted(world)).toBe(2 * size);
  });

  it('can be taken back across the same border', async () => {
    const { world } = await simulate({ ...plainSpec, version: '2.15.2' }, upgrades('1.0.4'));
    expect(restarted(world)).toBe(3);
  });

  it('that is taken back half way makes only those members again that had changed', async () => {
    const { world } = await simulate({ ...plainSpec, version: '1.0.4' }, upgrades('no such image', '1.0.4'));
    expect(restarted(world)).toBe(2); // the same member twice
  });
});

function restarted({ story }: World): number {
  return story.filter((line) => line.startsWith('  the operator writes: delete')).length;
}

/** Lets it happen, and then be quiet: the cluster must come to what the spec asks for, and the operator to rest. */
async function simulate(first: Spec, happenings: readonly Happening[]): Promise<{ world: World; operator: Operator }> {
  const world = new World(first);
  const operator = new Operator(world);
  await telling(world, async () => {
    for (const happening of happenings) await tell(world, operator, happening);
    await calmDown(world, operator);
    expectDesiredState(world);
    await operator.reconcile(); // may learn the id of a server that did not answer before
    operator.seeAll();
    expect(await operator.reconcile()).toBe(0);
  });
  return { world, operator };
}

async function tell(world: World, operator: Operator, { tell, happen }: Happening): Promise<void> {
  world.story.push(tell);
  await happen(world, operator);
}

/** A failure tells its story. */
async function telling(world: World, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Error(`${told}\n\nThe story:\n${world.story.join('\n')}\n`, { cause: error });
  }
}

/** From now on nothing bad happens. The operator looks only where it saw something, or said that it will look again. */
async function calmDown(world: World, operator: Operator): Promise<void> {
  world.story.push('from now on it is quiet');
  for (const { metadata } of world.nodes) world.reviveNode(metadata.name);
  if (world.nodes.length === 0) world.addNode('node-0');
  for (const pod of world.pods) world.mark(pod, { stuck: false, crashes: false });
  for (const object of world.log.all('objects')) {
    const isOfOthers = object.metadata.ownerReferences?.some(({ uid }) => uid === 'other');
    if (isOfOthers) world.log.remove('objects', `${object.kind}/${object.metadata.name}`);
  }
  // only a person can tell that a pod with data that never stops does not run
  if (world.cluster?.spec.storage) for (const pod of world.pods) world.mark(pod, { hangs: false });
  if (!world.log.get('secrets', userSecret)) world.log.put('secrets', world.object('Secret', userSecret));
  const { version = '2.15.2' } = world.cluster?.spec ?? {};
  const good: Partial<Spec> = {
    paused: false,
    invalid: false,
    version: isGood(version) ? version : '2.15.2',
  };
  world.editSpec(good);
  let still = 0;
  for (let round = 0; round < roundsToQuiet && still < stillRounds; round++) {
    await world.pass(still > 0 ? 20 : 5);
    // no event tells the operator that servers have found each other
    if (still === 3) {
      world.monitoringDown = false;
      for (const pod of world.pods) world.mark(pod, { isolated: false });
    }
    operator.seeAll();
    const writes = await operator.reconcileIfDue();
    still = writes > 0 ? 0 : still + 1;
  }
  if (still < stillRounds) throw new Error('it does not come to rest');
}

function isGood(version: Spec['version']): boolean {
  return version !== 'no such image' && version !== 'never ready';
}

function expectDesiredState(world: World): void {
  const { cluster } = world;
  if (!cluster) {
    // all that it owned is gone
    expect(world.log.all('objects')).toEqual([]);
    expect(
      world.pods.filter(({ metadata }) => metadata.name.startsWith(`${clusterName}-`) && !hangs(metadata)),
    ).toEqual([]);
    return;
  }
  const wanted = wantedOf(cluster, world.log.all('secrets'));
  const alive = world.ownPods.filter((pod) => !pod.metadata.deletionTimestamp);
  expect(alive.map(ordinalOf).sort()).toEqual(Array.from({ length: cluster.spec.size }, (_, ordinal) => ordinal));
  for (const pod of alive) {
    expect(world.serves(pod)).toBe(true);
    expect(pod.metadata.annotations?.[restartHashAnnotation]).toBe(wanted?.restartHash);
    expect(pod.metadata.labels?.team).toBe(cluster.spec.team);
  }
  for (const object of wanted?.objects ?? []) {
    const live = world.log.get('objects', `${object.kind}/${object.metadata.name}`);
    expect(live && isOwnedBy(live, cluster.metadata) && covers(live, object)).toBe(true);
  }
  expect(world.log.all('objects')).toHaveLength(wanted?.objects.length ?? 0);
  expect(cluster.status).toMatchObject({ phase: 'Running', readyMembers: cluster.spec.size });
  expect(cluster.status?.conditions?.map(({ type, status }) => `${type} ${status}`)).toEqual([
    'Ready True',
    'Progressing False',
    'Degraded False',
    'ConfigValid True',
    ...(cluster.spec.jetStream ? ['JetStreamHealthy True'] : []),
  ]);
}

/** A pod that never stops stays until a person comes. */
function hangs({ deletionTimestamp }: { deletionTimestamp?: string }): boolean {
  return deletionTimestamp !== undefined;
}
