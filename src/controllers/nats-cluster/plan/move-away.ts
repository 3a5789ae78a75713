import { requestAnnotations, requestsOf } from '../../../resources/nats-cluster/requests';
import { claimOf } from './claims';
import { type Situation, type Volume, type VolumeTerm } from './situation';
import { trouble, type Step } from './step';
import { type View } from './survey';

/** Label of a node by which volumes are bound to it; it may differ from the node's name. */
export const hostNameLabel = 'kubernetes.io/hostname';

/** Says which members can't leave a node although they should, and why. */
export function tellHinderedMoves(view: View): readonly Step[] {
  const { awayFrom } = requestsOf(view.cluster.metadata);
  return view.members.flatMap(({ name, pod }) => {
    const node = pod?.pod.spec.nodeName;
    const why = node !== undefined && awayFrom.includes(node) ? hinderedMove(view, name) : undefined;
    return why === undefined ? [] : [trouble('CannotMove', `${name} stays on ${node ?? ''}: ${why}`)];
  });
}

/** Why a member can't leave its node, and the cure; undefined where it can. */
export function hinderedMove(situation: Situation, member: string): string | undefined {
  const { wanted, volumes, cluster } = situation;
  const claim = wanted?.claim && claimOf(situation, { name: member });
  const name = claim?.spec?.volumeName;
  if (!claim || name === undefined) return undefined;
  if (!volumes) {
    return `the operator may not look at volume ${name}, which may exist on that node only: let it get persistentvolumes by a ClusterRole, or take annotation ${requestAnnotations.moveAwayFrom} away`;
  }
  const volume = volumes.get(name);
  if (!volume || !isBoundTo(volume, situation)) return undefined;
  const copy = `kubectl delete pvc -n ${cluster.metadata.namespace} ${member}`;
  return `its volume ${name} exists on that node only. Where all streams have replicas elsewhere, give this copy up (${copy}, then delete its pod), and it is made again from them on another node`;
}

/** The volumes that have a say in what is next: those of members that are to leave a node. */
export function volumesToRead(view: View): string[] {
  const { awayFrom } = requestsOf(view.cluster.metadata);
  if (awayFrom.length === 0 || !view.wanted?.claim) return [];
  return view.members.flatMap((member) => {
    const leaves = member.pods.some(({ pod }) => awayFrom.includes(pod.spec.nodeName ?? ''));
    return (leaves && claimOf(view, member)?.spec?.volumeName) || [];
  });
}

/** Whether all that a volume can be reached from are nodes that are to be left, whatever label its driver names them by. */
function isBoundTo({ spec }: Volume, { cluster, nodes }: Situation): boolean {
  const names = new Set(
    requestsOf(cluster.metadata).awayFrom.flatMap((node) => [
      node,
      nodes?.get(node)?.metadata.labels?.[hostNameLabel] ?? node,
    ]),
  );
  const isThere = ({ matchExpressions = [], matchFields = [] }: VolumeTerm) =>
    [...matchExpressions, ...matchFields].some(
      ({ operator, values = [] }) =>
        operator === 'In' && values.length > 0 && values.every((value) => names.has(value)),
    );
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.length > 0 && terms.every(isThere);
}
