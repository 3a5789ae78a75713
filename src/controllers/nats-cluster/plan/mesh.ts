import { type Server } from './situation';
import { isReady, type Member, type MemberPod } from './survey';

/**
 * Why the route mesh of the members that are ready is not known to be whole, as a sentence; undefined where it is. It is
 * whole when each of them has a route to each other one that it can have a route to. What can't be read is not known, and
 * so not whole. While what decides routes is changed, it is the mesh of those that have the change that counts: the others
 * can't have routes to them, and may be changed just because they had none to each other.
 */
export function meshProblem(members: readonly Member[], servers: ReadonlyMap<string, Server>): string | undefined {
  const serving = members.flatMap((member) =>
    member.pod && isReady(member) ? [{ member, linked: member.pod.linked, server: ask(member.pod, servers) }] : [],
  );
  const ready = serving.every(({ linked }) => linked) ? serving : serving.filter(({ linked }) => linked);
  if (ready.length < 2) return undefined; // one server needs no route
  for (const { member, server } of ready) {
    if (server.unknown !== undefined) return `the routes of ${member.name} are not known: ${server.unknown}`;
    for (const { member: other, server: far } of ready) {
      if (other === member || far.unknown !== undefined || !canRoute(server.version, far.version)) continue;
      if (!server.routes.has(far.id)) return `${member.name} has no route to ${other.name}`;
    }
  }
  return undefined;
}

/** Whether a ready member answers and is known to have no route to any other that is ready, nor they to it. */
export function isCutOff(member: Member, members: readonly Member[], servers: ReadonlyMap<string, Server>): boolean {
  const server = member.pod && isReady(member) ? ask(member.pod, servers) : undefined;
  if (!server || server.unknown !== undefined) return false;
  const others = members.flatMap((other) =>
    other !== member && other.pod && isReady(other) ? [ask(other.pod, servers)] : [],
  );
  return (
    others.length > 0 &&
    others.every((far) => far.unknown === undefined && !far.routes.has(server.id) && !server.routes.has(far.id))
  );
}

function ask({ pod }: MemberPod, servers: ReadonlyMap<string, Server>): Server {
  return servers.get(pod.metadata.uid) ?? { unknown: 'it was not asked yet' };
}

/**
 * Whether servers of these versions can have a route. Seen on real ones: 1.x and 2.x refuse each other's protocol
 * ("Unknown Protocol Operation") and try again for ever, so an upgrade from 1.x goes through two halves.
 */
export function canRoute(a: string, b: string): boolean {
  return a.startsWith('1.') === b.startsWith('1.');
}
