import { dropClaimOf } from './claims';
import { hasLeft } from './jetstream/leave-jetstream';
import { doing, waiting, type Step } from './step';
import { isAlive, isReady, listed, type View } from './survey';

/**
 * Takes the members beyond the wanted size away: those whose server does not run at once, the others one by one from the
 * highest ordinal, each in lame duck mode, and never so that fewer serve than a restart would leave.
 */
export function removeMembers(view: View): readonly Step[] {
  const { members, wanted } = view;
  if (!wanted) return [];
  const surplus = view.surplus.filter((member) => hasLeft(view, member));
  const { size, maxUnavailable } = wanted;
  const pods = surplus.flatMap((member) => member.pods).filter(({ pod }) => !pod.metadata.deletionTimestamp);
  const idle = pods.filter(({ state }) => state === 'starting' || state === 'lost');
  const steps: Step[] = [];
  if (idle.length > 0) {
    const names = listed(
      surplus.filter((member) => member.pods.some((pod) => idle.includes(pod))).map(({ name }) => name),
    );
    const because = `${names} ${idle.length > 1 ? 'are' : 'is'} beyond size ${size} and did not serve`;
    steps.push(
      doing(
        'RemovingMembers',
        because,
        idle.map(({ pod }) => ({ do: 'delete', object: pod })),
      ),
    );
  }
  const leaving = surplus.find((member) => member.pods.some(({ state }) => state === 'leaving'));
  if (leaving) {
    return [...steps, waiting('RemovingMembers', `${leaving.name} is saying good-bye to its clients: size is ${size}`)];
  }
  const next = surplus.findLast((member) => member.pods.some(serverRuns));
  const victim = next?.pods.find(serverRuns);
  if (!next || !victim) return steps;
  const serving = [...members, ...surplus].filter(isReady).length;
  if (victim.state === 'ready' && serving - 1 < Math.max(1, size - maxUnavailable)) {
    const because = `${next.name} is beyond size ${size} and stays until more of the others are ready: ${serving} serve now`;
    return [...steps, waiting('RemovingMembers', because)];
  }
  const because = `${next.name} is beyond size ${size} and leaves`;
  return [
    ...steps,
    doing('RemovingMembers', because, [...dropClaimOf(view, next), { do: 'delete', object: victim.pod }]),
  ];
}

function serverRuns(pod: Parameters<typeof isAlive>[0]): boolean {
  return isAlive(pod) && pod.state !== 'starting';
}
