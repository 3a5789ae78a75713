import { configAnnotation } from '../../../templates/names';
import { type NewObject } from '../../../kubernetes/object';
import { isClaimUsable } from './claims';
import { configInForce } from './guard-config';
import { podName } from './pod-name';
import { pauseAfterEnd, whyLost } from './pod-state';
import { type Pod } from './situation';
import { doing, waiting, type Step } from './step';
import { isAlive, listed, type Member, type View } from './survey';

/** Gives a pod to each member that has none, all at once. A pod that is lost never blocks the next one. */
export function addMembers(view: View): readonly Step[] {
  const { wanted, now } = view;
  if (!wanted) return [];
  const without = view.members.filter(
    ({ pods }) => !pods.some((pod) => isAlive(pod) || (pod.state === 'ended' && pauseAfterEnd(pod.pod, now) > 0)),
  );
  const leaving = without.filter(({ pods }) => pods.some(({ state }) => state === 'leaving'));
  const vacant = without.filter((member) => !leaving.includes(member) && isClaimUsable(view, member));
  const lost = vacant.filter(({ pods }) => pods.some(({ state }) => state === 'lost' || state === 'stranded'));
  const plain = vacant.filter((member) => !lost.includes(member));
  const create = (members: readonly Member[]) =>
    members.map((member) => ({ do: 'create', object: newPod(view, member), nodes: nodesOf(member) }) as const);
  return [
    ...(plain.length > 0
      ? [doing('AddingMembers', `${names(plain)} had no pod and ${gets(plain)} one`, create(plain))]
      : []),
    ...lost.map((member) =>
      wanted.storage
        ? waiting(
            'MemberLost',
            `${member.name} waits until its old pod is surely gone, which may use its data: ${why(view, member)}`,
          )
        : doing('Replacing', `${member.name} is made again elsewhere: ${why(view, member)}`, create([member])),
    ),
    ...(leaving.length > 0
      ? [waiting('Replacing', `${names(leaving)} ${leaving.length > 1 ? 'are' : 'is'} stopping and will be made again`)]
      : []),
  ];
}

/** The next pod of a member. */
export function newPod(view: View, { ordinal, name, pods }: Member) {
  const { wanted, cluster } = view;
  if (!wanted) throw new Error('a pod without a valid spec');
  const before = {
    pods: pods.map(({ pod }) => pod.metadata.uid),
    last: cluster.status?.members?.find((member) => member.name === name)?.pod,
  };
  return startedWith(configInForce(view), wanted.pod(ordinal, podName(cluster.metadata, ordinal, before)));
}

/** A pod that says with which config it starts, where servers have one that they can be asked for. */
function startedWith(config: string | undefined, pod: NewObject): NewObject {
  if (config === undefined) return pod;
  const { annotations } = pod.metadata as Partial<Pod['metadata']>;
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...annotations, [configAnnotation]: config } },
  } as NewObject;
}

/** The nodes that pods of the member are lost on. */
function nodesOf({ pods }: Member): string[] {
  return pods.flatMap(({ pod, state }) => (state === 'lost' || state === 'stranded' ? [pod.spec.nodeName ?? ''] : []));
}

function why({ nodes }: View, { pods }: Member): string {
  const lost = pods.find(({ state }) => state === 'lost' || state === 'stranded');
  return lost ? whyLost(lost.pod, nodes) : '';
}

function names(members: readonly Member[]): string {
  return listed(members.map(({ name }) => name));
}

function gets(members: readonly Member[]): string {
  return members.length > 1 ? 'get' : 'gets';
}
