import { type NewObject, type StoredObject } from '../../../../kubernetes/object';
import { type View } from '../survey';
import { ailmentOf } from './health';

/** What comes and goes by itself, as a replica that is behind for a moment, counts when it lasts for so many seconds. */
const lastingSeconds = 10;

/** What may be over before anyone could act on it; all else, such as a member that is away, counts at once. */
const fleeting = ['NoLeader', 'PeersBehind', 'ReplicasBehind', 'ServerUnhealthy'];

/**
 * The disruption budget as it should be now: none, while JetStream could not bear that another member goes. A pod is ready for
 * Kubernetes when its server serves, which is long before its replicas are current. So the budget is closed when a member goes
 * or is about to, and opened when all is well, also across a restart of the operator: two writes for each drain or roll.
 */
export function guardDrains(view: View, budget: NewObject): NewObject {
  if (!isBudget(budget) || !view.wanted?.jetStream) return budget;
  const live = view.objects.find((object) => isBudget(object) && object.metadata.name === budget.metadata.name);
  const before = live && specOf(live).minAvailable;
  if (!isClosed(view, before !== undefined)) return budget;
  // Not maxUnavailable 0: that is counted from spec.size, and would let go as many as there are beyond it.
  const all = Math.max(view.members.length + view.surplus.length, Number(before ?? 0));
  return { ...budget, spec: { ...specOf(budget), maxUnavailable: undefined, minAvailable: all } } as NewObject;
}

/** The sentence for a budget that is written. */
export function whyGuarded(view: View, budget: NewObject): string {
  const name = `PodDisruptionBudget ${budget.metadata.name}`;
  if (!view.wanted?.jetStream || specOf(budget).minAvailable === undefined) return `${name} is as the spec has it`;
  const why = ailmentOf(view)?.because ?? (isOnTheWay(view) ? 'members are about to go' : 'JetStream was not well');
  return `${name} lets nobody be drained, as ${why}`;
}

export function isBudget({ kind }: Pick<NewObject, 'kind'>): boolean {
  return kind === 'PodDisruptionBudget';
}

function isClosed(view: View, wasClosed: boolean): boolean {
  if (isOnTheWay(view)) return true;
  const ailment = ailmentOf(view);
  if (!ailment) return false;
  if (wasClosed || !ailment.known) return wasClosed;
  return !fleeting.includes(ailment.reason) || hasLasted(view);
}

/** Whether the operator itself is about to take members away. */
function isOnTheWay({ members, surplus }: View): boolean {
  return surplus.length > 0 || members.some(({ pod }) => pod && !pod.current);
}

/** Since when it is known is in the status. */
function hasLasted({ cluster, now }: View): boolean {
  const known = cluster.status?.conditions?.find(({ type }) => type === 'JetStreamHealthy');
  return known?.status === 'False' && now - Date.parse(known.lastTransitionTime) >= lastingSeconds * 1000;
}

interface BudgetSpec {
  readonly maxUnavailable?: number | string;
  readonly minAvailable?: number | string;
}

function specOf(object: NewObject | StoredObject): BudgetSpec {
  return (object as { spec?: BudgetSpec }).spec ?? {};
}
