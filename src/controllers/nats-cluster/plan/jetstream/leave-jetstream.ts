import { type Command, nameOf as nameOfCommand } from '../../../../nats/commands';
import { deniedBy } from '../denied';
import { doing, trouble, waiting, type Step } from '../step';
import { isReady, listed, type Member, type View } from '../survey';
import { ailmentOf } from './health';
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
  const next = view.surplus.findLast((member) => member.pods.length > 0 && !hasLeft(view, member));
  if (!next) return [];
  const sight = jetStreamSight(view);
  const { meta } = sight;
  const leaves = `${next.name} is beyond size ${view.wanted?.size ?? 0}`;
  if (!meta) return [waiting('LeavingJetStream', `${leaves} and stays until the servers have a majority`, lookAgain)];
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
  const its = sight.groups.filter((group) => group.consumer === undefined && isOn(group, next.name));
  return stranded(view, its, leaves) ?? move(view, next, its, leaves) ?? leaveGroup(view, next, sight, leaves);
}

/** Whether a member beyond the wanted size has nothing to do with JetStream any more, so that its pod may go. */
export function hasLeft(view: View, { name }: Member): boolean {
  const { wanted } = view;
  // a single server has no group to leave; `guardStreams` saw that there are no streams
  if (!wanted?.jetStream || wanted.size === 1) return true;
  const { meta } = jetStreamSight(view);
  return meta !== undefined && meta.leader !== name && !meta.peers.some((peer) => peer.name === name);
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
    return order(
      view,
      [{ kind: 'stepDownMetaLeader' }],
      `${leaves} and leads the meta group, which another one takes over`,
    );
  }
  const peerId = meta?.peers.find(({ name }) => name === next.name)?.id;
  return order(view, [{ kind: 'removePeer', peer: next.name, peerId }], `${leaves} and leaves the meta group`);
}

/** Asks a member that stays; what it denies is told, and asked again after a while. */
function order(view: View, commands: readonly Command[], because: string): readonly Step[] {
  const pod = view.members.find(isReady)?.pod?.pod;
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
  return denied === undefined
    ? [{ ...step, again: lookAgain }]
    : [trouble('CommandDenied', denied), { ...step, again: 30 }];
}
