import { serverContainer } from '../../../templates/names';
import { deniedBy } from './denied';
import { hadJetStream } from './jetstream/change-mode';
import { handOver } from './jetstream/hand-over';
import { ailmentOf, metaLeaderOf } from './jetstream/health';
import { isLost, onlyOn, whyKept } from './jetstream/lost-member';
import { meshProblem } from './mesh';
import { reloadOf } from './pod-config';
import { hasNode, hasRun, keepsEnding, readySince } from './pod-state';
import { doing, trouble, waiting, type Step } from './step';
import { isReady, listed, type Member, type MemberPod, type View } from './survey';

/** Routes form within moments after a member is ready; no event tells when. */
const lookForRoutesAgain = 2;

/**
 * Makes members again whose pods come from an older spec and don't serve anyway: that costs nothing, and it is how a bad
 * version is taken back. It comes before all that waits for members to serve. Those on a node that does not answer are left: it
 * may be back before their pods are gone.
 */
export function remakeBroken({ members, wanted, nodes }: View): readonly Step[] {
  if (!wanted) return [];
  const old = members.filter(({ pod }) => pod && !pod.current && hasNode(pod.pod, nodes));
  const unready = old.filter((member) => !isReady(member));
  const inWork = members.filter((member) => !isReady(member) && !unready.includes(member));
  // Who only was interrupted is back in a moment. Who keeps ending is not, but is left to itself while what would come in its
  // place may be no better.
  const idle = unready.filter(
    ({ pod }) => pod?.state === 'starting' && (!hasRun(pod.pod) || (keepsEnding(pod.pod) && inWork.length === 0)),
  );
  if (idle.length > 0) {
    const because = `${names(idle)} did not run and ${idle.length > 1 ? 'are' : 'is'} made again as the spec is now`;
    return [doing('Rolling', because, idle.map(remake))];
  }
  if (unready.length === 0 || inWork.length >= wanted.maxUnavailable) return [];
  const broken = unready.slice(inWork.length - wanted.maxUnavailable);
  const because = `${names(broken)} ${broken.length > 1 ? 'do not serve and are' : 'does not serve and is'} made again as the spec is now`;
  return [doing('Rolling', because, broken.map(remake))];
}

/**
 * Makes members again whose pods come from an older spec and serve, from the highest ordinal, as long as the budget allows,
 * every other member is ready, the pause is over, the routes are whole and, with JetStream, all replicas are current. Where they
 * are not, one that the others have lost goes first: it may be the one that is waited for, and nobody misses it.
 */
export function rollMembers(view: View): readonly Step[] {
  const { members, wanted, servers, now } = view;
  if (!wanted) return [];
  const old = members.filter(({ pod }) => pod && !pod.current);
  if (old.length === 0) return [];
  const { maxUnavailable } = wanted;
  const away = members.filter((member) => !isReady(member));
  const isAsked = old.some(({ pod }) => pod?.asked !== undefined);
  const left = `${old.length} of ${members.length} members ${isAsked ? 'are to be made again' : 'run an older spec'}`;
  if (away.length >= maxUnavailable) {
    return [
      waiting('Rolling', `${left}: the next one waits until ${names(away)} ${away.length > 1 ? 'are' : 'is'} ready`),
    ];
  }
  const pause = pauseLeft(members, wanted.pauseBetweenMembersSeconds, now);
  if (pause > 0) {
    const because = `${left}: the next one waits for spec.updateStrategy.pauseBetweenMembersSeconds`;
    return [waiting('Rolling', because, pause)];
  }
  const problem = meshProblem(members, servers);
  const ailment = wanted.jetStream && hadJetStream(view) ? ailmentOf(view) : undefined;
  if (problem) return waitPatiently(view, 'RoutesIncomplete', `${left}: the next one waits, as ${problem}`);
  const alone = ailment && old.find((member) => isLost(view, member));
  if (alone) {
    const held = onlyOn(view, alone);
    if (held.length > 0) return waitPatiently(view, 'JetStreamNotCurrent', `${left}: ${whyKept(alone, held)}`);
    const because = `${alone.name} has no route to any other member and runs an older spec: it is made again as the spec is now`;
    return [doing('Rolling', because, [remake(alone)])];
  }
  if (ailment) return waitPatiently(view, 'JetStreamNotCurrent', `${left}: the next one waits, as ${ailment.because}`);
  return leaderFirst(old.filter(isReady), view)
    .slice(away.length - maxUnavailable)
    .reverse()
    .flatMap((member) => {
      const because = whyRolled(view, member);
      return handOver(view, member, because) ?? [doing('Rolling', because, [remake(member)])];
    });
}

/** The meta leader goes last: each restart of it is an election. */
function leaderFirst(members: readonly Member[], view: View): readonly Member[] {
  const leader = view.wanted?.jetStream ? metaLeaderOf(view) : undefined;
  return [...members].sort((a, b) => Number(b.name === leader) - Number(a.name === leader));
}

function waitPatiently({ members, wanted, now }: View, reason: string, because: string): readonly Step[] {
  const wait = waiting('Rolling', because, lookForRoutesAgain);
  const patience = wanted?.healthTimeoutSeconds ?? 0;
  const since = Math.max(...members.filter(isReady).map(readyTime));
  return now < since + patience * 1000 ? [wait] : [wait, trouble(reason, `${because}, for more than ${patience} s`)];
}

/** Seconds until the pause after the member that was ready last is over. Before the first restart there is none. */
function pauseLeft(members: readonly Member[], pause: number, now: number): number {
  const times = members.filter((member) => member.pod?.current && isReady(member)).map(readyTime);
  return times.length > 0 ? (Math.max(...times) - now) / 1000 + pause : 0;
}

function readyTime({ pod }: Member): number {
  return pod ? readySince(pod.pod) : 0;
}

function remake({ name, pod }: Member) {
  if (!pod) throw new Error(`${name} has no pod to make again`);
  return { do: 'delete', object: pod.pod } as const;
}

function whyRolled({ members, wanted }: View, { name, pod }: Member): string {
  const version = pod ? versionOf(pod) : undefined;
  const others = members.filter((member) => isReady(member) && member.name !== name).length;
  const rest =
    others === 0
      ? members.length === 1
        ? 'it is the only member'
        : 'no other member is ready'
      : `the other ${others === 1 ? 'member is' : `${others} members are`} ready and the routes are whole${wanted?.jetStream ? ', and JetStream is current' : ''}`;
  if (pod?.asked !== undefined && version === wanted?.version) return `${name} ${pod.asked}; ${rest}`;
  const denied = pod && wanted && version === wanted.version ? deniedBy(pod.pod, reloadOf(wanted, '')) : undefined;
  if (denied) return `${name} takes its new config with a restart only, as it was asked and ${denied.words}; ${rest}`;
  return version === wanted?.version
    ? `${name} runs with an older spec; ${rest}`
    : `${name} runs ${version ?? 'another version'}, wanted ${wanted?.version ?? ''}; ${rest}`;
}

/** The tag of the image that the pod was made with. */
export function versionOf({ pod }: MemberPod): string | undefined {
  const image = pod.spec.containers?.find(({ name }) => name === serverContainer)?.image;
  return image?.includes(':') ? image.slice(image.lastIndexOf(':') + 1) : undefined;
}

function names(members: readonly Member[]): string {
  return listed(members.map(({ name }) => name));
}
