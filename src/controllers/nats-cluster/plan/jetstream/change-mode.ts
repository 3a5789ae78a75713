import { streamsOfAnnotation } from '../../../../templates/names';
import { claimOfNext } from '../claims';
import { type StreamsOf } from '../../../../templates/nats-conf/jetstream';
import { doing, trouble, waiting, type Step } from '../step';
import { isReady, listed, type Member, type View } from '../survey';
import { jetStreamSight } from './sight';

/**
 * Restarts servers whose streams are to be kept by others than now: a single server that is to be one of several, or the one
 * that is left of several, or those that gateways join to other clusters or part from them. They have no majority as they are
 * to have it, so that they are ready is all that can be awaited; `guardStreams` saw that there are no streams, and here it is
 * seen again.
 */
export function changeMode(view: View): readonly Step[] {
  const { wanted, members, surplus } = view;
  if (!wanted?.jetStream || surplus.length > 0) return [];
  const other = members.findLast(
    (member) => isReady(member) && !member.pod?.current && runsAnother(member, wanted.streamsOf),
  );
  if (!other?.pod) return [];
  const report = jetStreamSight(view).reports.get(other.name);
  const how = hows[wanted.streamsOf ?? 'cluster'](modeOf(other.pod.pod));
  const away = members.filter((member) => !isReady(member)).map(({ name }) => name);
  if (away.length > 0 && modeOf(other.pod.pod) !== 'one-server') {
    return [
      waiting(
        'Rolling',
        `${other.name} ${how}, and waits until ${listed(away)} ${away.length > 1 ? 'are' : 'is'} ready`,
      ),
    ];
  }
  if (!report) return [waiting('Rolling', `${other.name} ${how}, and waits until it answers`, 2)];
  if (report.streams > 0) {
    const because = `${other.name} ${how}, but has streams, which would be lost: back them up and delete them, or set the spec back`;
    return [trouble('StreamsInTheWay', because)];
  }
  // else the guard would take the claim for one that was kept, with streams that nobody has seen
  const actions = [...claimOfNext(view, other), { do: 'delete', object: other.pod.pod } as const];
  return [doing('Rolling', `${other.name} ${how}; it holds no streams`, actions)];
}

/** What is to become of a server, by whose streams it is to keep, told whose it keeps now. */
const hows: Readonly<Record<StreamsOf, (before: string | undefined) => string>> = {
  'one-server': () => 'is to be the only server',
  cluster: (before) =>
    before === 'super-cluster' ? 'leaves the super-cluster' : 'was the only server and joins the others',
  'super-cluster': () => 'joins the super-cluster',
};

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
