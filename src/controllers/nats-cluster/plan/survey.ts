import { memberLabel, routesAnnotation } from '../../../templates/names';
import { askedFor } from './outdated';
import { isOwnedBy } from './owner';
import { hasLoaded, isCurrent } from './pod-config';
import { judgePod, type PodState } from './pod-state';
import { type Pod, type Situation } from './situation';

/** A pod of a member. */
export interface MemberPod {
  readonly pod: Pod;
  readonly ordinal: number;
  readonly state: PodState;
  /** Whether it needs no restart: it was made from what the spec asks for now, and nobody asks for another one. */
  readonly current: boolean;
  /** Why a person asks for another one, as what follows on the name of the member. */
  readonly asked?: string;
  /** Whether servers that are made as the spec asks for now take its routes. */
  readonly linked: boolean;
  /** Whether its server has nothing to reload. */
  readonly loaded: boolean;
}

/** One server of the cluster, with all pods that it has: normally one. */
export interface Member {
  readonly ordinal: number;
  /** Name of the server: `<cluster>-<ordinal>`. */
  readonly name: string;
  readonly pods: readonly MemberPod[];
  /** The pod that counts: the one that serves, or else is on its way to. */
  readonly pod?: MemberPod;
}

/** The situation with the pods sorted by member. */
export interface View extends Situation {
  /** The members that the spec asks for, by ordinal. */
  readonly members: readonly Member[];
  /** Members beyond the wanted size, by ordinal. */
  readonly surplus: readonly Member[];
  /** Seconds after which time alone changes the state of a pod. */
  readonly again?: number;
}

const alive = ['ready', 'unready', 'starting'] as const satisfies PodState[];

/** Whether a pod is one that stays if nobody does anything. */
export function isAlive({ state }: MemberPod): boolean {
  return (alive as readonly PodState[]).includes(state);
}

/** Sorts the pods by member. Pods of somebody else are left out: they are never touched. */
export function survey(situation: Situation): View {
  const { cluster, wanted, nodes, now } = situation;
  const byOrdinal = new Map<number, MemberPod[]>();
  const times: number[] = [];
  for (const pod of situation.pods) {
    const ordinal = ordinalOf(pod);
    if (ordinal === undefined || !isOwnedBy(pod, cluster.metadata)) continue;
    const { state, again } = judgePod(pod, nodes, now);
    if (again !== undefined) times.push(again);
    const asked = askedFor(situation, pod, `${cluster.metadata.name}-${ordinal}`);
    const judged = {
      pod,
      ordinal,
      state,
      current: isCurrent(pod, wanted) && asked === undefined,
      asked,
      loaded: hasLoaded(pod, wanted),
      linked: pod.metadata.annotations?.[routesAnnotation] === wanted?.routes,
    };
    const pods = byOrdinal.get(ordinal);
    if (pods) pods.push(judged);
    else byOrdinal.set(ordinal, [judged]);
  }
  // of a spec that is not valid as a whole the size may still be read; else all that was ever seen counts
  const size =
    wanted?.size ?? sizeIn(cluster.spec) ?? Math.max(0, ...[...byOrdinal.keys()].map((ordinal) => ordinal + 1));
  const member = (ordinal: number): Member => {
    const pods = [...(byOrdinal.get(ordinal) ?? [])].sort(bestFirst);
    return { ordinal, name: `${cluster.metadata.name}-${ordinal}`, pods, pod: pods.find(isAlive) };
  };
  return {
    ...situation,
    members: Array.from({ length: size }, (_, ordinal) => member(ordinal)),
    surplus: [...byOrdinal.keys()]
      .filter((ordinal) => ordinal >= size)
      .sort((a, b) => a - b)
      .map(member),
    again: times.length > 0 ? Math.min(...times) : undefined,
  };
}

/** Whether a member serves. */
export function isReady({ pod }: Member): boolean {
  return pod?.state === 'ready';
}

/** Whether all members run what the spec asks for, have loaded it, and serve. */
export function isSettled({ wanted, members }: View): boolean {
  return wanted !== undefined && members.every((member) => isReady(member) && member.pod?.current && member.pod.loaded);
}

/** `a`, `a and b`, `a, b and c`; of many only the first. */
export function listed(names: readonly string[]): string {
  const shown = names.length > 6 ? [...names.slice(0, 5), `${names.length - 5} more`] : [...names];
  const last = shown.pop() ?? '';
  return shown.length > 0 ? `${shown.join(', ')} and ${last}` : last;
}

function sizeIn(spec: unknown): number | undefined {
  const { size } = (spec ?? {}) as { size?: unknown };
  return typeof size === 'number' && Number.isInteger(size) && size >= 0 && size <= 1000 ? size : undefined;
}

/** A state that serves more comes first; of two equal ones the one that is made as wanted, then the newer one. */
function bestFirst(a: MemberPod, b: MemberPod): number {
  return (
    rank(a) - rank(b) ||
    Number(b.current) - Number(a.current) ||
    Date.parse(b.pod.metadata.creationTimestamp) - Date.parse(a.pod.metadata.creationTimestamp) ||
    (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1)
  );
}

function rank({ state }: MemberPod): number {
  const place = (alive as readonly PodState[]).indexOf(state);
  return place < 0 ? alive.length : place;
}

function ordinalOf(pod: Pod): number | undefined {
  const label = pod.metadata.labels?.[memberLabel];
  return label !== undefined && /^\d{1,4}$/.test(label) ? Number(label) : undefined;
}
