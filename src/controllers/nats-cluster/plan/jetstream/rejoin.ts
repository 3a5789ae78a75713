import { readySince } from '../pod-state';
import { doing, waiting, type Step } from '../step';
import { isReady, type View } from '../survey';
import { outsiders } from './health';
import { jetStreamSight } from './sight';
import { meshProblem } from '../mesh';

/** A server that starts has its place in the group within three seconds (measured); one without it after so many gets none. */
const patienceSeconds = 15;

/**
 * Restarts a member that the others never let into the meta group. Seen on real servers of 2.10.29, in one of 30 first starts
 * of three at once: where two of them elect a leader in the very moment in which the third one appears, its answer is lost,
 * the leader has nothing new to tell it, and it stays outside for ever. So does one that was taken out to leave, and then was
 * wanted again. It holds nothing then, and a restart lets it in at once.
 */
export function rejoin(view: View): readonly Step[] {
  const { wanted, members, servers, now } = view;
  if (!wanted?.jetStream || wanted.streamsOf === 'one-server') return [];
  if (!members.every((member) => isReady(member) && member.pods.length === 1)) return [];
  const { meta, reports } = jetStreamSight(view);
  if (!meta || meshProblem(members, servers)) return [];
  const outside = outsiders(view, meta);
  const [member] = members.filter(({ name }) => outside.includes(name));
  const report = member && reports.get(member.name);
  if (!member?.pod || !report || report.streams > 0) return [];
  const newest = Math.max(...members.map(({ pod }) => (pod ? readySince(pod.pod) : 0)));
  const left = newest / 1000 + patienceSeconds - now / 1000;
  if (left > 0)
    return [waiting('Joining', `${member.name} is on its way into the JetStream meta group`, Math.min(left, 2))];
  const because = `${member.name} was not let into the JetStream meta group by ${meta.leader}, holds no stream, and is made again`;
  return [doing('Rejoining', because, [{ do: 'delete', object: member.pod.pod }])];
}
