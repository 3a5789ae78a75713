import { claimOf, isClaimUsable } from '../claims';
import { isCutOff } from '../mesh';
import { listed, type Member, type View } from '../survey';
import { jetStreamSight, nameOf, type SeenGroup } from './sight';

/** Whether the others go on without a member, which runs and can't reach them. */
export function isLost(view: View, member: Member): boolean {
  const peer = jetStreamSight(view).meta?.peers.find(({ name }) => name === member.name);
  return peer?.offline === true && isCutOff(member, view.members, view.servers);
}

/**
 * The streams and consumers of which a lost member may have what nobody else has, and would lose it with its pod. What is in
 * files on its claim it finds there again. What is in memory others have to have, as their leader knows; a group of two has none
 * while one of them is away. That of a single replica goes with any restart.
 */
export function onlyOn(view: View, member: Member): readonly SeenGroup[] {
  const keepsFiles =
    view.wanted?.claim !== undefined && claimOf(view, member) !== undefined && isClaimUsable(view, member);
  return jetStreamSight(view).groups.filter(
    (group) => !(keepsFiles && !group.inMemory) && !isWellWithout(group, member.name),
  );
}

function isWellWithout({ leader, byLeader, replicas, wanted }: SeenGroup, name: string): boolean {
  if (wanted === 1 || (leader !== name && !replicas.some((replica) => replica.name === name))) return true;
  const others = replicas.filter((replica) => replica.name !== name);
  return byLeader && leader !== name && others.every(({ current, offline }) => current && !offline);
}

/** Why a lost member is not made again, and the cure: what was acknowledged a majority has, which of two replicas are both. */
export function whyKept({ name, pod }: Member, held: readonly SeenGroup[]): string {
  const { namespace = '', name: podName = '' } = pod?.pod.metadata ?? {};
  const kept = `the others are not known to have all of ${listed(held.map(nameOf))}, which would go with its pod`;
  const cure = `What was acknowledged they have, unless they were restarted since it was cut off. To make it again: kubectl delete pod -n ${namespace} ${podName}`;
  return `${name} has no route to any other member and is not made again, as ${kept}. ${cure}`;
}
