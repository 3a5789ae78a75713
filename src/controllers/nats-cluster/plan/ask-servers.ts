import { readySince, stoppedServing } from './pod-state';
import { pendingReloads } from './reload-config';
import { type Pod } from './situation';
import { isReady, type Member, type View } from './survey';

/** Time in seconds that a server has before it is asked for its id, which is nice to know and never urgent. */
const settleSeconds = 15;

/** Seconds after which JetStream is looked at again, where all was well; what is not is looked at more often. */
const jetStreamSeconds = 60;

/** Whose servers to ask on their monitoring port before a plan is made, and when to ask again. */
export function serversToAsk(view: View): { pods: readonly Pod[]; again?: number } {
  const { members, surplus, cluster, wanted, now } = view;
  const ready = members.filter(isReady);
  // how replicas are changes without an event; and who does not serve any more may say why
  if (wanted?.jetStream) {
    const ill = members.filter(({ pod }) => pod?.state === 'unready' && stoppedServing(pod.pod));
    return { pods: [...ready, ...ill, ...surplus.filter(isReady)].flatMap(podOf), again: jetStreamSeconds };
  }
  const rolling = ready.some(({ pod }) => !pod?.current);
  if (rolling) return { pods: ready.flatMap(podOf) };
  const pending = pendingReloads(view).map(({ pod }) => pod);
  const unnamed = ready.filter(({ name, pod }) => {
    const known = cluster.status?.members?.find((member) => member.name === name);
    return pod && !(known?.serverId && known.pod === pod.pod.metadata.name && known.since === sinceOf(pod.pod));
  });
  const ages = unnamed.flatMap(podOf).map((pod) => ({ pod, wait: settleSeconds - (now - readySince(pod)) / 1000 }));
  const waits = ages.map(({ wait }) => wait).filter((wait) => wait > 0);
  return {
    pods: [...new Set([...pending, ...ages.filter(({ wait }) => wait <= 0).map(({ pod }) => pod)])],
    again: waits.length > 0 ? Math.max(...waits) : undefined,
  };
}

/** Since when a pod is ready or not, as the API writes times: whole seconds. */
export function sinceOf(pod: Pod): string {
  return new Date(readySince(pod)).toISOString().replace(/\.\d+Z$/, 'Z');
}

function podOf({ pod }: Member): Pod[] {
  return pod ? [pod.pod] : [];
}
