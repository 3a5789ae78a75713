import { has } from '../../../../nats/capabilities';
import { type Command } from '../../../../nats/commands';
import { deniedBy } from '../denied';
import { doing, type Step } from '../step';
import { isReady, type Member, type View } from '../survey';
import { metaLeaderOf } from './health';
import { jetStreamSight } from './sight';

/** An election takes moments, and no event tells of its end. */
const lookAgain = 2;

/**
 * Lets another member lead the meta group before the pod of the one that leads it goes, so that nobody waits for an election.
 * Undefined where the pod may go at once: it does not lead, there is nobody else, or the servers do not grant it. Then the
 * others elect a leader when it is gone, which takes them longer and loses nothing.
 */
export function handOver(view: View, member: Member, because: string): readonly Step[] | undefined {
  if (!view.wanted?.jetStream || metaLeaderOf(view) !== member.name) return undefined;
  const pod = member.pod?.pod;
  const command = stepDown(view);
  if (!pod || !command || !view.wanted.access || deniedBy(pod, command)) return undefined;
  const sentence = `${member.name} leads the meta group and lets ${command.preferred ?? 'another server'} lead it first: ${because}`;
  return [{ ...doing('HandingOver', sentence, [{ do: 'command', object: pod, command }]), again: lookAgain }];
}

/** How to make the meta leader step down; undefined where there is no leader, or nobody who could take its place. */
export function stepDown(view: View): Extract<Command, { kind: 'stepDownMetaLeader' }> | undefined {
  const { meta } = jetStreamSight(view);
  const heirs = meta?.peers.filter(({ current, offline }) => current && !offline).map(({ name }) => name) ?? [];
  const members = view.members.filter((member) => isReady(member) && heirs.includes(member.name));
  // whoever is made again next would have to hand over once more
  const heir = members.find(({ pod }) => pod?.current) ?? members[0];
  if (!meta || !heir) return undefined;
  return { kind: 'stepDownMetaLeader', preferred: takesPreferred(view, meta.leader) ? heir.name : undefined };
}

/** Before 2.11 a leader takes no wish, and refuses a request that has one. */
function takesPreferred({ members, surplus, servers }: View, leader: string): boolean {
  const pod = [...members, ...surplus].find(({ name }) => name === leader)?.pod;
  const server = pod && servers.get(pod.pod.metadata.uid);
  return server?.unknown === undefined && server !== undefined && has(server.version, 'preferredLeader');
}
