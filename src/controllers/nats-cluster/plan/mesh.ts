import { type Server } from './situation';
import { isReady, type Member, type MemberPod } from './survey';

/**
 * Why the route mesh of the members that are ready is not known to be whole, as a sentence; undefined where it is. It is
 * whole when each of them has a route to each other one. What can't be read is not known, and so not whole.
 */
export function meshProblem(members: readonly Member[], servers: ReadonlyMap<string, Server>): string | undefined {
  const ready = members
    .filter(isReady)
    .flatMap((member) => (member.pod ? [{ member, server: ask(member.pod, servers) }] : []));
  for (const { member, server } of ready) {
    if (server.unknown !== undefined) return `the routes of ${member.name} are not known: ${server.unknown}`;
    for (const { member: other, server: far } of ready) {
      if (other === member || far.unknown !== undefined) continue;
      if (!server.routes.has(far.id)) return `${member.name} has no route to ${other.name}`;
    }
  }
  return undefined;
}

function ask({ pod }: MemberPod, servers: ReadonlyMap<string, Server>): Server {
  return servers.get(pod.metadata.uid) ?? { unknown: 'it was not asked yet' };
}
