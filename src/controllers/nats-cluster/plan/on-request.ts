import { requestAnnotations, requestsOf } from '../../../resources/nats-cluster/requests';
import { deniedBy } from './denied';
import { metaLeaderOf } from './jetstream/health';
import { stepDown } from './jetstream/hand-over';
import { doing, trouble, type Step } from './step';
import { type View } from './survey';

/** Annotation of a pod: the last request that its server was asked to step down for, granted or not. */
export const steppedDownAnnotation = 'nats.io/stepped-down';

/** An election takes moments, and no event tells of its end. */
const lookAgain = 2;

/**
 * Makes the meta leader step down, once for each value of the annotation. That it was asked is kept on its pod at once, and in
 * the status with the next report, as pods come and go.
 */
export function stepDownOnRequest(view: View): readonly Step[] {
  const { stepDownMetaLeader: token } = requestsOf(view.cluster.metadata);
  if (!view.wanted?.jetStream || token === undefined || handledStepDown(view) === token) return [];
  const leader = metaLeaderOf(view);
  const pod = [...view.members, ...view.surplus].find(({ name }) => name === leader)?.pod?.pod;
  const command = stepDown(view);
  // without a leader, or one who could follow, it is asked when there is one
  if (!pod || !command) return [];
  const because = `${leader ?? ''} steps down as meta leader, as ${requestAnnotations.stepDownMetaLeader} asks`;
  const action = { do: 'command', object: pod, command, note: { [steppedDownAnnotation]: token } } as const;
  return [{ ...doing('SteppingDown', because, [action]), again: lookAgain }];
}

/** The last request to step down that was dealt with. */
export function handledStepDown({ cluster, pods }: View): string | undefined {
  const { stepDownMetaLeader: token } = requestsOf(cluster.metadata);
  const isNoted =
    token !== undefined && pods.some(({ metadata }) => metadata.annotations?.[steppedDownAnnotation] === token);
  return isNoted ? token : cluster.status?.metaLeaderStepDown;
}

/** The same once the steps of a plan are done: its pod may go before it is looked at again. */
export function stepDownHandledBy(steps: readonly Step[], view: View): string | undefined {
  const actions = steps.flatMap((step) => step.actions);
  const notes = actions.flatMap((action) =>
    action.do === 'command' ? (action.note?.[steppedDownAnnotation] ?? []) : [],
  );
  return notes[0] ?? handledStepDown(view);
}

/** Says what people asked for and do not get. */
export function tellRequests(view: View): readonly Step[] {
  const { problems, stepDownMetaLeader: token } = requestsOf(view.cluster.metadata);
  const denied = view.pods.flatMap((pod) => {
    if (token === undefined || pod.metadata.annotations?.[steppedDownAnnotation] !== token) return [];
    const found = deniedBy(pod, { kind: 'stepDownMetaLeader' });
    return found ? [trouble('CommandDenied', `the meta leader did not step down as asked: ${found.words}`)] : [];
  });
  return [...problems.map((problem) => trouble('RequestInvalid', problem)), ...denied];
}
