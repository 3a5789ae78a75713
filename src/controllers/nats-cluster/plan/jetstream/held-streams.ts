import { streamsOfAnnotation } from '../../../../templates/names';
import { claimOf } from '../claims';
import { type Member, type MemberPod, type View } from '../survey';
import { jetStreamSight } from './sight';

/** Number of streams that a member holds; undefined where nobody can tell. */
export function heldStreams(view: View, member: Pick<Member, 'name' | 'pods'>): number | undefined {
  const report = jetStreamSight(view).reports.get(member.name);
  if (report) return report.streams;
  const claim = claimOf(view, member);
  const isBlank = !claim || claim.status?.phase === 'Pending'; // a claim without a volume
  return isBlank && !member.pods.some(mayServe) ? 0 : undefined;
}

/** Whose streams the pod of a member keeps that runs, is to run, or may: see `streamsOf` of the templates. */
export function runningMode({ pods }: Member): string | undefined {
  return pods.find((pod) => mayServe(pod) || pod.state === 'starting')?.pod.metadata.annotations?.[streamsOfAnnotation];
}

function mayServe({ state }: MemberPod): boolean {
  return state === 'ready' || state === 'unready' || state === 'lost';
}
