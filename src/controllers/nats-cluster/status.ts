import {
  type Condition,
  type ConditionType,
  type MemberRole,
  type MemberStatus,
  type NatsClusterStatus,
  type Phase,
} from '../../resources/nats-cluster/status';
import { type Plan } from './plan/plan';
import { isConfigWritten } from './plan/guard-config';
import { ailmentOf, metaLeaderOf } from './plan/jetstream/health';
import { sinceOf } from './plan/ask-servers';
import { readySince } from './plan/pod-state';
import { versionOf } from './plan/roll-members';
import { stepDownHandledBy } from './plan/on-request';
import { type Server } from './plan/situation';
import { type Step, type Topic } from './plan/step';
import { isReady, isSettled, listed, type Member, type View } from './plan/survey';

/** Without the class: what is written is plain JSON. */
type Plain<T> = Pick<T, keyof T>;

/** What the plan means for those who look at the cluster. Pure, and without anything that changes by itself. */
export function statusOf({ view, steps }: Plan): Plain<NatsClusterStatus> {
  const { cluster, wanted, members, surplus } = view;
  const before = cluster.status;
  const existing = [...members, ...surplus].filter(({ pods }) => pods.length > 0);
  const ready = existing.filter(isReady);
  const settled = isSettled(view);
  return {
    observedGeneration: cluster.metadata.generation,
    ...summary(view, steps, settled),
    controlPaused: wanted?.paused ?? before?.controlPaused ?? false,
    size: existing.length,
    readyMembers: ready.length,
    currentVersion: settled ? wanted?.version : before?.currentVersion,
    targetVersion: wanted?.version ?? before?.targetVersion,
    selector: wanted?.selector ?? before?.selector,
    clientUrl: wanted?.clientUrl ?? before?.clientUrl,
    metaLeaderStepDown: stepDownHandledBy(steps, view),
    serviceTokens: tokensTaken(view),
    members: existing.map((member) => memberStatus(member, view)),
    conditions: conditionsOf(view, steps, settled),
  };
}

/**
 * Stands for the tokens that all servers take, also those beyond the size as long as they serve: those of before where some do not
 * yet, and none where the spec has none. Where nobody can tell what servers have loaded, it is at least written.
 */
function tokensTaken(view: View): string | undefined {
  const { wanted, surplus, cluster } = view;
  const before = cluster.status?.serviceTokens;
  if (!wanted || wanted.missing.length > 0) return before;
  const isCurrent = ({ pod }: Member) => pod?.current && pod.loaded;
  const isTaken = isConfigWritten(view) && isSettled(view) && surplus.filter(isReady).every(isCurrent);
  return isTaken || wanted.serviceTokens === undefined ? wanted.serviceTokens : before;
}

/** What happens within so many seconds is told of at once. */
const togetherSeconds = 2;

/**
 * Seconds for which it is better to say nothing: the cluster or a pod was made, or a member became ready, a moment ago,
 * members are on their way, and nothing is wrong. Undefined where it is time to tell.
 */
export function secondsUntilTold({ view, steps }: Plan): number | undefined {
  const { members, cluster, now } = view;
  if (isSettled(view) || steps.some(({ topic }) => topic !== 'Progressing')) return undefined;
  const times = members.flatMap(({ pod }) => {
    if (pod?.state === 'ready') return [readySince(pod.pod)];
    return pod?.state === 'starting' ? [Date.parse(pod.pod.metadata.creationTimestamp)] : [];
  });
  if (!cluster.status?.conditions) times.push(Date.parse(cluster.metadata.creationTimestamp));
  const left = Math.max(...times) / 1000 + togetherSeconds - now / 1000;
  // a clock that is ahead of ours must not silence us for longer
  return left > 0 && left <= togetherSeconds ? left : undefined;
}

function summary(
  { cluster, wanted }: View,
  steps: readonly Step[],
  settled: boolean,
): { phase: Phase; reason: string } {
  const stopped = steps.find(({ topic, reason }) => topic === 'ConfigValid' || reason === 'NameTaken');
  const [first] = [...steps.filter(({ topic }) => topic === 'Degraded'), ...steps];
  const reason = (stopped ?? first)?.because ?? `all ${wanted?.size ?? 0} members are ready`;
  if (stopped) return { phase: 'Failed', reason };
  return { phase: settled || cluster.status?.currentVersion ? 'Running' : 'Creating', reason };
}

function conditionsOf(view: View, steps: readonly Step[], settled: boolean): Plain<Condition>[] {
  const { cluster, now } = view;
  const condition = (
    type: ConditionType,
    status: Condition['status'],
    reason: string,
    message: string,
  ): Plain<Condition> => {
    const before = cluster.status?.conditions?.find((other) => other.type === type);
    return {
      type,
      status,
      reason,
      message,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : rfc3339(now),
      observedGeneration: cluster.metadata.generation,
    };
  };
  const spoken = (type: Topic, if_: 'True' | 'False', quiet: { reason: string; message: string }): Plain<Condition> => {
    const [first, ...others] = steps.filter(({ topic }) => topic === type);
    const other = if_ === 'True' ? 'False' : 'True';
    if (!first) return condition(type, other, quiet.reason, quiet.message);
    const message = [first, ...others].map(({ because }) => because).join('. ');
    return condition(type, if_, first.reason, message);
  };
  const jetStream = view.wanted?.jetStream ? jetStreamHealth(view) : undefined;
  const { status, reason, message } = readiness(view, settled, jetStream);
  return [
    condition('Ready', status, reason, message),
    spoken('Progressing', 'True', { reason: 'Settled', message: 'there is nothing to do' }),
    spoken('Degraded', 'True', { reason: 'Healthy', message: 'nothing is known to be wrong' }),
    spoken('ConfigValid', 'False', { reason: 'Valid', message: 'the spec is valid' }),
    ...(jetStream ? [condition('JetStreamHealthy', jetStream.status, jetStream.reason, jetStream.message)] : []),
  ];
}

/** What is said of a condition. */
interface Said {
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

function jetStreamHealth(view: View): Said {
  const ailment = ailmentOf(view);
  if (!ailment) return { status: 'True', reason: 'Current', message: 'all servers, streams and consumers are current' };
  return { status: ailment.known ? 'False' : 'Unknown', reason: ailment.reason, message: ailment.because };
}

function readiness({ wanted, members, cluster }: View, settled: boolean, jetStream: Said | undefined): Said {
  const count = `${members.filter(isReady).length} of ${members.length} members are ready`;
  const before = cluster.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  // that a monitoring port can't be read is no reason to call ill what was well
  const isIll = jetStream?.status === 'False' || (jetStream?.status === 'Unknown' && before !== 'True');
  if (settled && isIll) {
    return { status: 'False', reason: 'JetStreamNotHealthy', message: `${count}, but ${jetStream.message}` };
  }
  if (settled) return { status: 'True', reason: 'AllReady', message: count } as const;
  const away = members.filter((member) => !isReady(member));
  if (away.length > 0) {
    const names = listed(away.map(({ name }) => name));
    return { status: 'False', reason: 'MembersNotReady', message: `${count}, but not ${names}` } as const;
  }
  const why = wanted ? 'not all run what the spec asks for' : 'the spec is not valid';
  return { status: 'False', reason: wanted ? 'Outdated' : 'Invalid', message: `${count}, but ${why}` } as const;
}

function memberStatus(member: Member, view: View): Plain<MemberStatus> {
  const { cluster, servers } = view;
  const chosen = member.pod ?? member.pods[0];
  const ready = isReady(member);
  if (!chosen) return { name: member.name, ready };
  const { pod } = chosen;
  const since = sinceOf(pod);
  const before = cluster.status?.members?.find(({ name }) => name === member.name);
  // what a server said of itself holds until it is restarted
  const known =
    before?.pod === pod.metadata.name && before.since === since && before.ready === ready ? before : undefined;
  const server = said(servers.get(pod.metadata.uid));
  return {
    name: member.name,
    pod: pod.metadata.name,
    node: pod.spec.nodeName,
    serverId: server?.id ?? known?.serverId,
    version: server?.version ?? known?.version ?? versionOf(chosen),
    ready,
    since,
    role: roleOf(member, view) ?? known?.role,
  };
}

function roleOf({ name }: Member, view: View): MemberRole | undefined {
  const leader = view.wanted?.jetStream ? metaLeaderOf(view) : undefined;
  if (leader === undefined) return undefined;
  return name === leader ? 'MetaLeader' : 'MetaFollower';
}

function said(server: Server | undefined) {
  return server?.unknown === undefined ? server : undefined;
}

/** As the API writes times: whole seconds. */
function rfc3339(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z');
}
