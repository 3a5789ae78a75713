import { streamsOfAnnotation } from '../../../../templates/names';
import { claimOfNext } from '../claims';
import { doing, trouble, waiting, type Step } from '../step';
import { isReady, type Member, type View } from '../survey';
import { jetStreamSight } from './sight';

/**
 * Restarts a single server that is to be one of several, or the one that is left of several. It has no routes and no majority as
 * it is to have them, so nothing can be awaited; `guardStreams` saw that there are no streams, and here it is seen again.
 */
export function changeMode(view: View): readonly Step[] {
  const { wanted, members, surplus } = view;
  if (!wanted?.jetStream || surplus.length > 0) return [];
  const other = members.find(
    (member) => isReady(member) && !member.pod?.current && runsAnother(member, wanted.streamsOf),
  );
  if (!other?.pod) return [];
  const report = jetStreamSight(view).reports.get(other.name);
  const how = wanted.size === 1 ? 'is to be the only server' : 'was the only server and joins the others';
  if (!report) return [waiting('Rolling', `${other.name} ${how}, and waits until it answers`, 2)];
  if (report.streams > 0) {
    const because = `${other.name} ${how}, but has streams, which would be lost: back them up and delete them, or set spec.size back`;
    return [trouble('StreamsInTheWay', because)];
  }
  // else the guard would take the claim for one that was kept, with streams that nobody has seen
  const actions = [...claimOfNext(view, other), { do: 'delete', object: other.pod.pod } as const];
  return [doing('Rolling', `${other.name} ${how}; it holds no streams`, actions)];
}

/** Whether all members had JetStream before the roll that is under way: before that there is nothing to lose. */
export function hadJetStream({ members }: View): boolean {
  return members.every(({ pod }) => !pod || modeOf(pod.pod) !== undefined);
}

function runsAnother({ pod }: Member, mode: string | undefined): boolean {
  const before = pod && modeOf(pod.pod);
  return before !== undefined && before !== mode;
}

function modeOf({ metadata }: NonNullable<Member['pod']>['pod']): string | undefined {
  return metadata.annotations?.[streamsOfAnnotation];
}
