import { configAnnotation, streamsOfAnnotation } from '../../../templates/names';
import { rotatedAnnotation } from '../../../templates/config-secret';
import { requestAnnotations, requestsOf } from '../../../resources/nats-cluster/requests';
import { covers } from '../plan/covers';
import { isOwnedBy } from '../plan/owner';
import { type Pod } from '../plan/situation';
import { type Happening } from './happenings';
import { whyRestart } from './invariants';
import { isClaim, modeOfClaim } from './claims';
import { canReload, clusterName, ordinalOf, userSecret } from './model';
import { Operator } from './operator';
import { rotationOf } from './request-invariants';
import { type World } from './world';

const roundsToQuiet = 300;
const stillRounds = 10;
const roundsInTrouble = 60;

/** Lets it happen, and then be quiet: the cluster must come to what the spec asks for, and the operator to rest. */
export async function simulate(world: World, happenings: readonly Happening[]): Promise<Operator> {
  const operator = new Operator(world);
  await telling(world, async () => {
    for (const { tell, happen } of happenings) {
      world.story.push(tell);
      await happen(world, operator);
    }
    await calmDown(world, operator);
    expectDesiredState(world);
    await operator.reconcile(); // may learn the id of a server that did not answer before
    operator.seeAll();
    expect(await operator.reconcile()).toBe(0);
  });
  return operator;
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
  world.drained.clear();
  for (const { metadata } of world.nodes) world.reviveNode(metadata.name);
  if (world.nodes.length === 0) world.addNode('node-0');
  for (const pod of world.pods) world.servers.mark(pod, { stuck: false, crashes: false, deaf: false });
  for (const object of world.log.all('objects')) {
    const isOfOthers = object.metadata.ownerReferences?.some(({ uid }) => uid === 'other');
    if (isOfOthers) world.log.remove('objects', `${object.kind}/${object.metadata.name}`);
  }
  // only a person can tell that a pod with data that never stops does not run
  if (world.cluster?.spec.storage) for (const pod of world.pods) world.servers.mark(pod, { hangs: false });
  if (!world.log.get('secrets', userSecret)) world.renewCertificate();
  comeToReason(world);
  await rest(world, operator);
  if (!areStreamsInTheWay(world)) expect(world.ownPods.flatMap((pod) => configFaults(world, pod))).toEqual([]);
  giveIn(world);
  await rest(world, operator);
}

/** Whose streams are on the claims of members that do not serve, where these are others than the spec asks for. */
function vacantModes(world: World): string[] {
  const { wanted, ownPods } = world;
  const modes = Array.from({ length: wanted?.size ?? 0 }, (_, ordinal) => {
    const isVacant = !ownPods.some((pod) => ordinalOf(pod) === ordinal && world.serves(pod));
    return isVacant ? modeOfClaim(world, ordinal) : undefined;
  });
  return [...new Set(modes)].filter((mode) => mode !== undefined && mode !== wanted?.streamsOf) as string[];
}

/** Whether servers are to leave their group for another one, which they don't while they have streams, or may have some. */
function areStreamsInTheWay(world: World): boolean {
  const { ownPods, wanted } = world;
  const isOther = ownPods.some(({ metadata }) => metadata.annotations?.[streamsOfAnnotation] !== wanted?.streamsOf);
  return isOther || vacantModes(world).length > 0;
}

/** The user no longer has streams where there is no place for them, and sets back what nobody can tell of. */
function giveIn(world: World): void {
  if (areStreamsInTheWay(world)) world.streams.resize(0);
  else world.streams.resize(Math.min(3, world.streams.replicas.length));
  const [before] = vacantModes(world);
  if (before !== undefined) world.editSpec({ superCluster: before === 'super-cluster' });
}

/** Until the operator has nothing more to do. */
async function rest(world: World, operator: Operator): Promise<void> {
  let still = 0;
  for (let round = 0; round < roundsToQuiet && still < stillRounds; round++) {
    await world.pass(still > 0 ? 20 : 5);
    // no event tells the operator that servers have found each other; one who waits for that may go on to write
    if (still === 3 || round === roundsInTrouble) {
      world.monitoringDown = false;
      for (const pod of world.pods) world.servers.mark(pod, { isolated: false, silent: false });
    }
    operator.seeAll();
    const writes = await operator.reconcileIfDue();
    still = writes > 0 ? 0 : still + 1;
  }
  if (still < stillRounds) throw new Error('it does not come to rest');
}

/** The user asks for nothing that can't be. */
function comeToReason(world: World): void {
  const { version = '2.15.2', setting = 'a' } = world.cluster?.spec ?? {};
  world.editSpec({
    paused: false,
    invalid: false,
    version: version === 'no such image' || version === 'never ready' ? '2.15.2' : version,
    setting: setting === 'bad' ? 'a' : setting,
  });
  world.annotate(requestAnnotations.paused, undefined);
  const { awayFrom } = requestsOf(world.cluster?.metadata ?? {});
  if (world.nodes.every(({ metadata }) => awayFrom.includes(metadata.name))) {
    world.annotate(requestAnnotations.moveAwayFrom, undefined);
  }
}

function expectDesiredState(world: World): void {
  const { cluster, wanted } = world;
  if (!cluster) {
    // all that it owned is gone
    expect(world.log.all('objects').filter((object) => !isClaim(object))).toEqual([]);
    const left = world.pods.filter(
      ({ metadata: { name, deletionTimestamp } }) =>
        name.startsWith(`${clusterName}-`) && deletionTimestamp === undefined, // one that never stops waits for a person
    );
    expect(left).toEqual([]);
    return;
  }
  const alive = world.ownPods.filter((pod) => !pod.metadata.deletionTimestamp);
  expect(alive.map(ordinalOf).sort()).toEqual(Array.from({ length: cluster.spec.size }, (_, ordinal) => ordinal));
  expect(alive.flatMap((pod) => faultsOf(world, pod))).toEqual([]);
  const objects = wanted?.objects ?? [];
  const absent = objects.filter((object) => {
    const live = world.log.get('objects', `${object.kind}/${object.metadata.name}`);
    return !(live && isOwnedBy(live, cluster.metadata) && covers(live, object));
  });
  expect(absent).toEqual([]);
  const claims = wanted?.claim ? cluster.spec.size : 0;
  expect(world.log.all('objects')).toHaveLength(objects.length + claims);
  const config = world.log.get('objects', `Secret/${clusterName}`);
  const rotated = canReload(cluster.spec.version) ? rotationOf(world) : undefined;
  if (rotated !== undefined) expect(config?.metadata.annotations?.[rotatedAnnotation]).toBe(rotated);
  expect(cluster.status).toMatchObject({ phase: 'Running', readyMembers: cluster.spec.size });
  expect(cluster.status?.conditions?.map(({ type, status }) => `${type} ${status}`)).toEqual([
    'Ready True',
    'Progressing False',
    'Degraded False',
    'ConfigValid True',
    ...(cluster.spec.jetStream ? ['JetStreamHealthy True'] : []),
  ]);
}

/** A member that serves, and needs no restart for it, has the config that the spec asks for, also where there is no more place for it. */
function configFaults(world: World, pod: Pod): string[] {
  const { id } = world.servers.configOf(pod) ?? {};
  const { config } = world.wanted ?? {};
  if (config === undefined || !world.serves(pod) || whyRestart(world, pod) !== undefined || id === config) return [];
  return [`${pod.metadata.name} serves with an older config`];
}

/** In what a pod, or its server, is not as the spec asks. */
function faultsOf(world: World, pod: Pod): string[] {
  const { cluster, wanted } = world;
  const { name, labels, annotations } = pod.metadata;
  const { id, setting, serial } = world.servers.configOf(pod) ?? {};
  const reloads = canReload(cluster?.spec.version ?? '');
  // Known: where the config changes and changes back before the server of a new pod starts, one of 1.x does not show what it has.
  const isMixed = !reloads && world.servers.mixed.has(pod.metadata.uid);
  const faults = {
    'does not serve': !world.serves(pod),
    'is to be made again': whyRestart(world, pod) !== undefined,
    'has labels of an older spec': labels?.team !== cluster?.spec.team,
    'goes by an older config': !isMixed && setting !== cluster?.spec.setting,
    'has not loaded its config': wanted?.config !== undefined && id !== wanted.config,
    'is said to have loaded another config': annotations?.[configAnnotation] !== wanted?.config,
    'shows an older certificate': reloads && serial !== wanted?.serial,
  };
  return Object.entries(faults).flatMap(([fault, holds]) => (holds ? [`${name} ${fault}`] : []));
}
