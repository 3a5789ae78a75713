import { serverContainer } from '../../../templates/names';
import { reasonIn } from '../../../nats/complaint';
import { isTurnedOff } from './jetstream/health';
import { conditionOf, lastWords, readySince, whyLost } from './pod-state';
import { type ContainerStatus, type Pod } from './situation';
import { trouble, waiting, type Step } from './step';
import { listed, type Member, type View } from './survey';

/** Reasons of kubelet for an image that can't be had. */
const noImage = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'RegistryUnavailable'];

/** Reasons of kubelet for a container that can't be made. */
const noContainer = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];

/** Says what is wrong with members that don't serve, and what to do about it; and which ones just need time. */
export function reportTrouble(view: View): readonly Step[] {
  const slow: Member[] = [];
  const troubles = view.members.flatMap((member) => {
    const steps = troubleOf(view, member);
    if (steps === 'slow') slow.push(member);
    return steps === 'slow' ? [] : steps;
  });
  return [...troubles, ...slowness(view, slow)];
}

function troubleOf(view: View, member: Member): readonly Step[] | 'slow' {
  const { name, pods } = member;
  const { pod, state } = member.pod ?? pods[0] ?? {};
  if (!pod) return isLeftAlone(view) ? [trouble('MemberMissing', `${name} has no pod and gets none for now`)] : [];
  if (state === 'ready') return [];
  if (state === 'lost' || state === 'stranded')
    return [trouble('MemberLost', `${name} is lost: ${whyLost(pod, view.nodes)}`)];
  if (state !== 'starting' && state !== 'unready') return [];
  // condition JetStreamHealthy says what to do about it
  if (isTurnedOff(view, member))
    return [trouble('JetStreamTurnedOff', `JetStream of ${name} was turned off by the server, which does not serve`)];
  return containerTrouble(view, name, pod) ?? schedulingTrouble(name, pod) ?? 'slow';
}

/** Whether nothing is made: then nobody else says that a member is missing. */
function isLeftAlone({ wanted, cluster }: View): boolean {
  return !cluster.metadata.deletionTimestamp && (wanted === undefined || wanted.paused);
}

function containerTrouble({ wanted }: View, name: string, pod: Pod): readonly Step[] | undefined {
  for (const container of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
    const { waiting } = container.state ?? {};
    if (noImage.includes(waiting?.reason ?? '')) {
      const image = pod.spec.containers?.find((other) => other.name === container.name)?.image ?? container.image ?? '';
      const cure =
        container.name === serverContainer
          ? 'set spec.version and spec.serverImage to an image that exists'
          : 'set another image';
      const rest = (wanted?.size ?? 0) > 1 ? '; the other members are left as they are' : '';
      return [trouble('ImagePullFailed', `${name} cannot pull image ${image}: ${cure}${rest}`)];
    }
    if (noContainer.includes(waiting?.reason ?? '')) {
      return [
        trouble(
          'ContainerFailed',
          `container ${container.name} of ${name} cannot start: ${waiting?.message ?? waiting?.reason ?? ''}`,
        ),
      ];
    }
    if (keepsEnding(container)) {
      const code = container.lastState?.terminated?.exitCode ?? container.state?.terminated?.exitCode;
      const said = container.name === serverContainer ? sayings(reasonIn(lastWords(pod))) : '';
      const log = `kubectl logs --previous -c ${container.name} -n ${pod.metadata.namespace ?? ''} ${pod.metadata.name}`;
      return [
        trouble(
          'MemberCrashing',
          `${container.name} of ${name} keeps ending with exit code ${code ?? 'unknown'}${said}; see ${log}`,
        ),
      ];
    }
  }
  return undefined;
}

function sayings(reason: string | undefined): string {
  if (reason === undefined) return '';
  // a volume grows with spec.jetstream.fileStorage.size, where its class allows it
  return /no space left on device/i.test(reason)
    ? `: ${reason}: make room on its volume, or let it grow by spec.jetstream.fileStorage.size`
    : `: ${reason}`;
}

function keepsEnding({ state, restartCount = 0 }: ContainerStatus): boolean {
  return state?.waiting?.reason === 'CrashLoopBackOff' || (restartCount >= 2 && state?.running === undefined);
}

function schedulingTrouble(name: string, pod: Pod): readonly Step[] | undefined {
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined;
  return [trouble('Unschedulable', `no node takes ${name}: ${scheduled.message ?? 'the scheduler does not say why'}`)];
}

function slowness({ wanted, now }: View, members: readonly Member[]): readonly Step[] {
  if (!wanted) return [];
  const patience = wanted.healthTimeoutSeconds;
  const left = members.map((member) => ({ member, seconds: unreadySince(member) / 1000 + patience - now / 1000 }));
  const slow = left.filter(({ seconds }) => seconds > 0);
  const late = left.filter(({ seconds }) => seconds <= 0);
  const names = (some: typeof left) => listed(some.map(({ member }) => member.name));
  const are = (some: typeof left) => (some.length > 1 ? 'are' : 'is');
  return [
    ...(late.length > 0
      ? [
          trouble(
            'MemberNotReady',
            `${names(late)} ${are(late)} not ready for more than ${patience} s; no other member is restarted until then`,
          ),
        ]
      : []),
    ...(slow.length > 0
      ? [waiting('Starting', `${names(slow)} ${are(slow)} starting`, Math.min(...slow.map(({ seconds }) => seconds)))]
      : []),
  ];
}

/** A pod that was never ready has its Ready condition since it was scheduled, one that stopped serving since then. */
function unreadySince({ pod }: Member): number {
  return pod ? readySince(pod.pod) : 0;
}
