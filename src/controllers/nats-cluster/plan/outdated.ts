import { awayFromAnnotation } from '../../../templates/names';
import { requestAnnotations, requestsOf } from '../../../resources/nats-cluster/requests';
import { hinderedMove } from './move-away';
import { type Pod, type Situation } from './situation';

/**
 * Why the pod of a member is to be made again although the spec is the one that it was made from: a person asks for it, by
 * annotation of the cluster. As what follows on the name of the member.
 */
export function askedFor(situation: Situation, pod: Pod, member: string): string | undefined {
  const { restart, awayFrom } = requestsOf(situation.cluster.metadata);
  const { [requestAnnotations.restart]: restarted, [awayFromAnnotation]: keptOff = '' } =
    pod.metadata.annotations ?? {};
  if (restart !== undefined && restart !== restarted) return `is restarted as ${requestAnnotations.restart} asks`;
  const node = pod.spec.nodeName;
  // what the scheduler was told to keep off can't be changed on the pod
  if (node === undefined && keptOff !== awayFrom.join()) return 'may run on other nodes now';
  if (node === undefined || !awayFrom.includes(node)) return undefined;
  return hinderedMove(situation, member) ? undefined : `moves away from ${node}`;
}
