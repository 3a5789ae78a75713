import { pauseAfterEnd, whyLost } from './pod-state';
import { doing, waiting, type Action, type Step } from './step';
import { isAlive, type Member, type MemberPod, type View } from './survey';

/** Removes pods that are of no use any more, which costs nobody anything. */
export function clearAway(view: View): readonly Step[] {
  return [...view.members, ...view.surplus].flatMap((member) => member.pods.flatMap((pod) => clear(view, member, pod)));
}

function clear({ nodes, now }: View, member: Member, judged: MemberPod): readonly Step[] {
  const { pod, state } = judged;
  const { name } = pod.metadata;
  const remove = (because: string, action: Action) => [doing('Replacing', because, [action])];
  if (state === 'stranded') {
    const because = `pod ${name} of ${member.name} is forgotten: ${whyLost(pod, nodes)}`;
    return remove(because, { do: 'forget', object: pod, nodes: [pod.spec.nodeName ?? ''] });
  }
  if (pod.metadata.deletionTimestamp) return [];
  if (state === 'ended') {
    const how = pod.status?.phase === 'Failed' ? 'failed' : 'ended';
    const pause = pauseAfterEnd(pod, now);
    if (pause > 0) {
      return [waiting('Replacing', `pod ${name} of ${member.name} ${how} at once and is replaced in a moment`, pause)];
    }
    return remove(`pod ${name} of ${member.name} ${how} and is removed`, { do: 'delete', object: pod });
  }
  // A pod that was replaced while its node was away and is back now, or is still away: only one can be the member.
  const kept = member.pod;
  if (!kept || kept === judged || (!isAlive(judged) && kept.state !== 'ready')) return [];
  return remove(`pod ${name} of ${member.name} is removed: pod ${kept.pod.metadata.name} took its place`, {
    do: 'delete',
    object: pod,
  });
}
