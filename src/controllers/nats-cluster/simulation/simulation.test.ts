import fc from 'fast-check';
import { streamsOfAnnotation } from '../../../templates/names';
import { leftBy08 } from './adopted';
import { drains, expecting, heldScaleDown, history, joining, refusal, spec, takeover, upgrades } from './history';
import { type Spec } from './model';
import { simulate } from './simulate';
import { World } from './world';

// The same histories each time. Others, and more: SIMULATION_SEED=$RANDOM SIMULATIONS=100000; one again: with its SIMULATION_PATH.
const usual = { runs: 400, seed: 1 };
const runs = Number(process.env.SIMULATIONS ?? usual.runs);
const seed = Number(process.env.SIMULATION_SEED ?? usual.seed);
const path = process.env.SIMULATION_PATH;
/** What other histories lead to is chance. */
const areUsual = runs >= usual.runs && seed === usual.seed && !path;

const plainSpec: Spec = {
  size: 3,
  version: '2.15.2',
  maxUnavailable: 1,
  pauseBetweenMembersSeconds: 0,
  paused: false,
  invalid: false,
  tls: false,
  setting: 'a',
  budget: true,
  storage: false,
  jetStream: false,
  superCluster: false,
  volume: '1Gi',
  team: 'a',
};

/** What the operator says of situations that the usual histories lead to. */
const situations = [
  ...['AddingMembers', 'Applying', 'Deleting', 'ImagePullFailed', 'Invalid', 'MemberCrashing', 'MemberLost'],
  ...['MemberNotReady', 'NameTaken', 'Paused', 'Reloading', 'Removing', 'RemovingMembers', 'Replacing', 'Rolling'],
  ...['ConfigRefused', 'PuttingBack', 'ReloadFailed', 'RoutesIncomplete', 'SecretMissing', 'Starting'],
];

/** And of those that only a cluster with JetStream comes into. */
const situationsOfJetStream = [
  ...[
    'GrowingClaims',
    'GuardingDrains',
    'HandingOver',
    'LeavingJetStream',
    'SteppingDown',
    'StreamNeedsReplicas',
    'StreamsInTheWay',
  ],
];

describe('a simulated cluster', () => {
  const reasons = new Set<string>();

  it('keeps what must hold through any history, and comes to what the spec asks for when it is quiet', async () => {
    process.stdout.write(`SIMULATION_SEED=${seed}\n`);
    await fc.assert(
      fc.asyncProperty(spec, history, async (first, happenings) => {
        const operator = await simulate(new World(first), happenings);
        for (const reason of operator.reasons) reasons.add(reason);
      }),
      { numRuns: runs, seed, path, interruptAfterTimeLimit: undefined },
    );
  }, 3_600_000);

  it('has met all that can come up', () => {
    const met = [...reasons].sort();
    if (areUsual) expect(met).toEqual(expect.arrayContaining(situations));
    else expect(met).not.toEqual([]);
  });
});

describe('a simulated cluster with JetStream', () => {
  const reasons = new Set<string>();

  it('never loses a majority by our doing, nor a replica, and comes to what the spec asks for', async () => {
    await fc.assert(
      fc.asyncProperty(spec, history, async (first, happenings) => {
        const world = new World({ ...first, storage: true, jetStream: true });
        if (first.size === 5) world.streams.resize(5);
        const operator = await simulate(world, happenings);
        for (const reason of operator.reasons) reasons.add(reason);
      }),
      { numRuns: Math.ceil(runs / 6), seed, path, interruptAfterTimeLimit: undefined },
    );
    if (areUsual) expect([...reasons]).toEqual(expect.arrayContaining(situationsOfJetStream));
  }, 3_600_000);

  it('lets its nodes be drained one after another, and never while a replica is not current', async () => {
    const world = new World({ ...plainSpec, storage: true, jetStream: true });
    await simulate(world, drains('node-0', 'node-1', 'node-2', 'node-3', 'node-0', 'node-1'));
    expect(world.story.filter((line) => line.endsWith('is drained')).length).toBeGreaterThanOrEqual(5);
  });
});

describe('a simulated scale-down that waits for a stream', () => {
  it('keeps no member from a new config, also none that has to stay for it', async () => {
    const world = new World({ ...plainSpec, storage: true, jetStream: true });
    const isLoaded = expecting('all five have loaded it', ({ ownPods, servers }) => {
      return ownPods.length === 5 && ownPods.every((pod) => servers.configOf(pod)?.setting === 'b');
    });
    const { reasons } = await simulate(world, [...heldScaleDown(), isLoaded]);
    expect(reasons).toContain('StreamNeedsReplicas');
    expect(restarted(world)).toBe(4); // the pods and claims of those for which there is no more place
  });
});

describe('a simulated cluster that joins a super-cluster', () => {
  it('does so with all of its servers and their claims', async () => {
    const world = new World({ ...plainSpec, storage: true, jetStream: true });
    const isIn = expecting('all three are in it', ({ ownPods }) => {
      const modes = ownPods.map(({ metadata }) => metadata.annotations?.[streamsOfAnnotation]);
      return modes.join() === 'super-cluster,super-cluster,super-cluster';
    });
    await simulate(world, [...joining(), isIn]);
    expect(restarted(world)).toBe(3);
  });
});

describe('a simulated cluster of nats-operator 0.8', () => {
  it('is taken over member by member through any history, and nothing of it is left', async () => {
    let adopted = 0;
    await fc.assert(
      fc.asyncProperty(spec, takeover, async (first, happenings) => {
        const { reasons } = await simulate(await leftBy08({ ...first, storage: false }), happenings);
        if (reasons.has('Adopting')) adopted++;
      }),
      { numRuns: Math.ceil(runs / 10), seed, path, interruptAfterTimeLimit: undefined },
    );
    expect(adopted).toBeGreaterThan(0);
  }, 3_600_000);
});

describe('a config that servers refuse', () => {
  it('meets one of them, none is restarted for it, and one that starts goes by the one before', async () => {
    const world = new World(plainSpec);
    const isUp = expecting('all serve with the one before', ({ ownPods, servers }) =>
      ownPods.every((pod) => world.serves(pod) && servers.configOf(pod)?.setting === 'a'),
    );
    await simulate(world, [...refusal(), isUp]);
    const refused = world.story.filter((line) => line.endsWith('does not: unknown field "bad"'));
    expect(new Set(refused).size).toBe(1);
    expect(restarted(world)).toBe(0); // the operator deleted none
  });
});

describe('a simulated upgrade', () => {
  it.each([1, 2, 3, 5])('from 1.x goes through two halves that have no routes, with %i members', async (size) => {
    const first = { ...plainSpec, size, version: '1.0.4' } as const;
    const world = new World(first);
    await simulate(world, upgrades('2.10.29', '2.15.2'));
    expect(restarted(world)).toBe(2 * size);
  });

  it('can be taken back across the same border', async () => {
    const world = new World({ ...plainSpec, version: '2.15.2' });
    await simulate(world, upgrades('1.0.4'));
    expect(restarted(world)).toBe(3);
  });

  it('that is taken back half way makes only those members again that had changed', async () => {
    const world = new World({ ...plainSpec, version: '1.0.4' });
    await simulate(world, upgrades('no such image', '1.0.4'));
    expect(restarted(world)).toBe(2); // the same member twice
  });
});

function restarted({ story }: World): number {
  return story.filter((line) => line.startsWith('  the operator writes: delete')).length;
}
