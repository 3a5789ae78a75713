import { type Command, nameOf as nameOfCommand } from '../../../../nats/commands';
import { newPod } from '../add-members';
import { claimOf, isClaimUsable } from '../claims';
import { deniedBy } from '../denied';
import { doing, trouble, waiting, type Step } from '../step';
import { isAlive, isReady, listed, type Member, type View } from '../survey';
import { stepDown } from './hand-over';
import { ailmentOf, outsiders } from './health';
import { heldStreams } from './held-streams';
import { isNameless } from './peer-name';
import { jetStreamSight, nameOf, type SeenGroup, type Sight } from './sight';

/** Streams that move at the same time: each is copied over the network. */
const movesAtOnce = 4;

/** Moves and peers change within seconds, and no event tells. */
const lookAgain = 2;

/**
 * What a member beyond the wanted size has to do before its pod goes: its streams move to others and are awaited until they are
 * current there, and it leaves the group of the servers, of whose number a majority is counted. One after another, from the
 * highest ordinal. A stream that wants more replicas than members would be left stays, and so does everybody.
 */
export function leaveJetStream(view: View): readonly Step[] {
  const back = [...comeBack(view), ...takeOut(view)];
  if (back.length > 0) return back;
  const staying = view.surplus.filter((member) => member.pods.length > 0 && !hasLeft(view, member));
  const next = staying.at(-1);
  if (!next) return [];
  const sight = jetStreamSight(view);
  const { meta } = sight;
  const leaves = `${next.name} is beyond size ${view.wanted?.size ?? 0}`;
  if (!meta) {
    const until =
      sight.followed === undefined
        ? 'the servers have a majority'
        : `${sight.followed}, which leads, tells who is in the meta group`;
    return [waiting('LeavingJetStream', `${leaves} and stays until ${until}`, lookAgain)];
  }
  const remade = remake(view, staying);
  if (remade) return [remade];
  if (!isReady(next)) {
    const cure = 'it can leave when it is ready again, as its streams have to move first';
    return [waiting('LeavingJetStream', `${leaves} and not ready: ${cure}`, lookAgain)];
  }
  if (sight.unknown !== undefined) return [waiting('LeavingJetStream', `${leaves}, and ${sight.unknown}`, lookAgain)];
  if ([...sight.reports.values()].some(({ groups }) => groups === undefined)) {
    return [
      trouble('LeavingJetStream', `${leaves}, but there are too many streams and consumers to tell which are on it`),
    ];
  }
  const outside = outsiders(view, meta);
  if (outside.length > 0) {
    const because = `${leaves} and stays until ${listed(outside)} ${outside.length > 1 ? 'have' : 'has'} a place in the JetStream meta group`;
    return [waiting('LeavingJetStream', because, lookAgain)];
  }
  const its = sight.groups.filter((group) => group.consumer === undefined && isOn(group, next.name));
  return stranded(view, its, leaves) ?? move(view, next, its, leaves) ?? leaveGroup(view, next, sight, leaves);
}

/**
 * Makes one of those again that don't serve and whose pods are of an older spec: such a one may never be ready, it can take its
 * leave only when it is, and no other can before all of them are well.
 */
function remake({ wanted }: View, staying: readonly Member[]): Step | undefined {
  const broken = staying.findLast((member) => !isReady(member) && oldPods(member).length > 0);
  if (!broken) return undefined;
  const because = `${broken.name} is beyond size ${wanted?.size ?? 0}, not ready, and made again as the spec is now to take its leave`;
  return doing(
    'LeavingJetStream',
    because,
    oldPods(broken).map(({ pod }) => ({ do: 'delete', object: pod })),
  );
}

function oldPods({ pods }: Member) {
  return pods.filter((pod) => isAlive(pod) && !pod.current);
}

/**
 * Makes those again who went without taking leave, such as with their node: what they hold, nobody but they can tell, and while
 * they are counted a majority is harder to reach.
 */
function comeBack(view: View): readonly Step[] {
  const { wanted, members, surplus } = view;
  if (!wanted?.jetStream || wanted.streamsOf === 'one-server') return [];
  const still = surplus.filter(({ pods }) => pods.some(({ state }) => state !== 'ended' && state !== 'stranded'));
  const known = new Set([...members, ...still].map(({ name }) => name));
  const gone = (jetStreamSight(view).meta?.peers ?? []).flatMap(({ name }): Member[] => {
    if (!isOurs(view, name) || known.has(name)) return [];
    const member = surplus.find((other) => other.name === name) ?? { ordinal: ordinalIn(name), name, pods: [] };
    return wanted.streamsOf === 'cluster' || wasOurs(view, member) ? [member] : [];
  });
  if (gone.length === 0) return [];
  const claims = gone.flatMap((member) => {
    const claim = wanted.claim && !claimOf(view, member) ? wanted.claim(member.ordinal) : undefined;
    return claim ? [{ do: 'apply', object: claim } as const] : [];
  });
  const pods = gone
    .filter((member) => isClaimUsable(view, member))
    .map((member) => ({ do: 'create', object: newPod(view, member) }) as const);
  const names = listed(gone.map(({ name }) => name));
  const because = `${names} went without leaving the JetStream meta group, and ${gone.length > 1 ? 'come' : 'comes'} back to do so`;
  return [doing('LeavingJetStream', because, [...claims, ...pods])];
}

/**
 * Takes a server of a super-cluster out of the group that went without taking leave, and has no claim to come back with: what it
 * held is gone. That it is ours its name tells: where another cluster had servers of our names, one of the group would be two.
 */
function takeOut(view: View): readonly Step[] {
  const { wanted, members, surplus } = view;
  if (wanted?.streamsOf !== 'super-cluster' || wanted.claim) return [];
  const known = new Set([...members, ...surplus].map(({ name }) => name));
  const gone = (jetStreamSight(view).meta?.peers ?? []).find(
    ({ name, offline }) => offline && isOurs(view, name) && !known.has(name) && !claimOf(view, { name }),
  );
  if (!gone) return [];
  const because = `${gone.name} is beyond size ${wanted.size}, went without leaving the JetStream meta group, and is taken out of it, as it has no claim to come back with`;
  return order(view, [{ kind: 'removePeer', peer: gone.name, peerId: gone.id }], because);
}

/** Whether a server has the name of a member, of now or of before. */
function isOurs({ cluster }: View, name: string): boolean {
  return name === `${cluster.metadata.name}-${ordinalIn(name)}`;
}

function ordinalIn(name: string): number {
  return Number(/-(?<ordinal>\d{1,4})$/.exec(name)?.groups?.ordinal);
}

/** In a super-cluster a cluster of the same name, elsewhere, may have servers of our names: a claim or a pod proves that one was ours. */
function wasOurs(view: View, member: Member): boolean {
  return member.pods.length > 0 || claimOf(view, member) !== undefined;
}

/** Whether a member beyond the wanted size has nothing to do with JetStream any more, so that its pod may go. */
export function hasLeft(view: View, { name }: Pick<Member, 'name'>): boolean {
  const { wanted } = view;
  if (!wanted?.jetStream) return true;
  if (wanted.streamsOf === 'one-server') {
    // a single server has no group to leave: what counts is that no stream goes with the member
    const pods = view.surplus.find((member) => member.name === name)?.pods ?? [];
    const isLeaving = pods.length > 0 && pods.every(({ state }) => state === 'leaving');
    return isLeaving || heldStreams(view, { name, pods }) === 0;
  }
  const { meta } = jetStreamSight(view);
  // a peer that nobody can name may be this member
  return (
    meta !== undefined && meta.leader !== name && !meta.peers.some((peer) => peer.name === name || isNameless(peer))
  );
}

/** The members, with those beyond the size that have to stay for now. */
export function stayingMembers(view: View): readonly Member[] {
  return [...view.members, ...view.surplus.filter((member) => !hasLeft(view, member))];
}

function isOn({ leader, replicas }: SeenGroup, name: string): boolean {
  return leader === name || replicas.some((replica) => replica.name === name);
}

function stranded({ wanted, members }: View, its: readonly SeenGroup[], leaves: string): readonly Step[] | undefined {
  const most = members.length;
  const many = its.filter((group) => group.wanted > most);
  if (many.length === 0) return undefined;
  const because = `${leaves} and stays: ${listed(many.map((group) => `${nameOf(group)} (${group.wanted} replicas)`))} would have more replicas than there are members; lower its replicas or set spec.size above ${wanted?.size ?? 0}`;
  return [trouble('StreamNeedsReplicas', because)];
}

function move(view: View, next: Member, its: readonly SeenGroup[], leaves: string): readonly Step[] | undefined {
  if (its.length === 0) return undefined;
  const moving = its.filter((group) => group.moving);
  const staying = its.filter((group) => !group.moving).slice(0, Math.max(0, movesAtOnce - moving.length));
  const left = `${its.length} stream${its.length > 1 ? 's' : ''} to move`;
  const commands = staying.map(({ account, stream }): Command => ({
    kind: 'moveStream',
    account,
    stream,
    server: next.name,
  }));
  if (commands.length === 0) {
    return [waiting('LeavingJetStream', `${leaves}: ${left}, ${listed(moving.map(nameOf))} on the way`, lookAgain)];
  }
  return order(view, commands, `${leaves}: ${left}, now ${listed(staying.map(nameOf))}`);
}

function leaveGroup(view: View, next: Member, { meta }: Sight, leaves: string): readonly Step[] {
  const ailment = ailmentOf(view);
  // whoever is about to go need not be well
  if (ailment && ailment.reason !== 'ServerUnhealthy') {
    return [waiting('LeavingJetStream', `${leaves} and stays, as ${ailment.because}`, lookAgain)];
  }
  if (meta?.leader === next.name) {
    const command = stepDown(view);
    if (!command) return [waiting('LeavingJetStream', `${leaves} and stays until another member can lead`, lookAgain)];
    return order(
      view,
      [command],
      `${leaves} and leads the meta group, which ${command.preferred ?? 'another one'} takes over`,
    );
  }
  const peerId = meta?.peers.find(({ name }) => name === next.name)?.id;
  return order(view, [{ kind: 'removePeer', peer: next.name, peerId }], `${leaves} and leaves the meta group`);
}

/**
 * Asks a member that stays; what all of them deny is told, and asked again after a while. Where they are to be made again, as servers
 * that let nobody in who asks, this comes first.
 */
function order(view: View, commands: readonly Command[], because: string): readonly Step[] {
  const ready = view.members.filter(isReady);
  const { pod, current } = (ready.find((member) => !denies(member, commands)) ?? ready[0])?.pod ?? {};
  if (!pod) return [waiting('LeavingJetStream', `${because}: no member that stays is ready`, lookAgain)];
  const step = doing(
    'LeavingJetStream',
    because,
    commands.map((command) => ({ do: 'command', object: pod, command })),
  );
  const [denied] = commands.flatMap((command) => {
    const found = deniedBy(pod, command);
    return found ? [`the servers were asked to ${nameOfCommand(command)}: ${found.words}`] : [];
  });
  if (denied !== undefined && !current) return [];
  return denied === undefined
    ? [{ ...step, again: lookAgain }]
    : [trouble('CommandDenied', denied), { ...step, again: 30 }];
}

function denies({ pod }: Member, commands: readonly Command[]): boolean {
  return pod !== undefined && commands.some((command) => deniedBy(pod.pod, command) !== undefined);
}
