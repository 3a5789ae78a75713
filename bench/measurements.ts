import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../e2e/cluster/eventually';
import { increase, isWrite } from '../src/testing/api-server-counters';
import { type OperatorProcess } from '../src/testing/operator-process';
import { createClusters, createObjects, deleteClusters, edit, size } from './load';
import { usageOf, type Usage } from './process';
import { type Scene } from './scene';

/** Milliseconds at least that a step may take for each cluster before it counts as hung. */
const patience = (clusters: number) => 120 + clusters;

/** Seconds from the first create to the last pod Ready, without any operator: what the API server can do. */
export async function rawCreate({ client, onlooker }: Scene, names: readonly string[]): Promise<number> {
  const began = performance.now();
  await createObjects(client, names);
  const ended = await onlooker.until(
    () => onlooker.readyPods() >= names.length * size,
    patience(names.length),
    'raw creation',
  );
  return (ended - began) / 1000;
}

export interface Creation {
  /** Seconds from the first create to the last pod Ready, and until the last NatsCluster says that it is. */
  readonly pods: number;
  readonly status: number;
  /** Calls of the operator for each cluster, by method. */
  readonly callsEach: Readonly<Record<string, number>>;
  readonly cpuMsEach: number;
  /** Memory when so many clusters were ready. */
  readonly growth: readonly { readonly clusters: number; readonly residentMiB: number; readonly heapMiB: number }[];
}

/** Creates NatsClusters and waits until they are ready. */
export async function create(
  { client, onlooker }: Scene,
  operator: OperatorProcess,
  names: readonly string[],
  marks: readonly number[],
): Promise<Creation> {
  const before = await usageOf(operator);
  const growth: Creation['growth'][number][] = [];
  const began = performance.now();
  const looking = (async () => {
    for (const clusters of marks) {
      await onlooker.until(() => onlooker.readyClusters() >= clusters, patience(names.length), `${clusters} clusters`);
      const { residentMiB, heapMiB } = await usageOf(operator);
      growth.push({ clusters, residentMiB, heapMiB });
    }
  })();
  await createClusters(client, names);
  const [pods, status] = await Promise.all([
    onlooker.until(() => onlooker.readyPods() >= names.length * size, patience(names.length), 'creation'),
    onlooker.until(() => onlooker.readyClusters() >= names.length, patience(names.length), 'readiness'),
  ]);
  await looking;
  const after = await settled(operator);
  return {
    pods: (pods - began) / 1000,
    status: (status - began) / 1000,
    callsEach: Object.fromEntries(
      [...after.calls].map(([method, count]) => [method, (count - (before.calls.get(method) ?? 0)) / names.length]),
    ),
    cpuMsEach: ((after.cpuSeconds - before.cpuSeconds) * 1000) / names.length,
    growth,
  };
}

export interface Idleness {
  readonly seconds: number;
  /** Writes that reached the API server from anybody but for leases, as `VERB resource`. */
  readonly writes: Readonly<Record<string, number>>;
  /** Calls of the operator, of which all writes renew its lease. */
  readonly calls: Readonly<Record<string, number>>;
  /** Share of a core, in percent. */
  readonly cpuPercent: number;
}

/** What happens while nobody wants anything. */
export async function idle(scene: Scene, operator: OperatorProcess, seconds: number): Promise<Idleness> {
  await settled(operator);
  const [requests, usage] = [await scene.requests(), await usageOf(operator)];
  await sleep(seconds * 1000); // nothing is what must happen
  const [requestsAfter, after] = [await scene.requests(), await usageOf(operator)];
  const changed = increase(requests, requestsAfter);
  return {
    seconds,
    writes: Object.fromEntries(changed.filter(([what]) => isWrite(what) && !what.endsWith(' leases'))),
    calls: Object.fromEntries(increase(usage.calls, after.calls)),
    cpuPercent: ((after.cpuSeconds - usage.cpuSeconds) / seconds) * 100,
  };
}

export interface Latency {
  readonly edits: number;
  /** Milliseconds from the answer to the edit to the operator's first write, as a watch shows it. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

let editNumber = 0;

/** Edits random clusters one by one, each when the operator has begun with the one before. */
export async function edits({ client, onlooker }: Scene, names: readonly string[], count: number): Promise<Latency> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const name = names[Math.floor(Math.random() * names.length)] ?? '';
    times.push(await timeOfEdit({ client, onlooker }, name));
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return { edits: count, p50: at(0.5), p99: at(0.99), max: times.at(-1) ?? NaN };
}

async function timeOfEdit({ client, onlooker }: Pick<Scene, 'client' | 'onlooker'>, name: string): Promise<number> {
  const mark = String(++editNumber);
  const seen = onlooker.until(() => onlooker.serviceLabel(name, 'edit') === mark, 120, `the edit of ${name}`);
  await edit(client, name, { servicePolicy: { labels: { edit: mark } } });
  const answered = performance.now();
  return Math.max(0, (await seen) - answered);
}

/** The same while other clusters are upgraded; `seconds` is how long these took. */
export async function editsWhileRolling(
  scene: Scene,
  names: readonly string[],
  rolling: readonly string[],
  toVersion: string,
  count: number,
): Promise<Latency & { readonly rolling: number; readonly seconds: number }> {
  const began = performance.now();
  for (const name of rolling) await edit(scene.client, name, { version: toVersion });
  const isUpgraded = () => rolling.every((name) => scene.onlooker.runs(name, toVersion));
  const upgraded = scene.onlooker.until(isUpgraded, 300 + rolling.length * 5, 'the upgrade');
  const others = names.filter((name) => !rolling.includes(name));
  const latency = await edits(scene, others, count);
  return { ...latency, rolling: rolling.length, seconds: ((await upgraded) - began) / 1000 };
}

export interface Restart {
  /** Seconds from the start of the process until it leads and its queue is empty. */
  readonly steady: number;
  /** Writes to anything but leases meanwhile, as `VERB resource`. */
  readonly writes: Readonly<Record<string, number>>;
}

/** Starts an operator where everything is as it should be. */
export async function restart(scene: Scene, name: string): Promise<{ operator: OperatorProcess; result: Restart }> {
  const before = await scene.requests();
  const began = performance.now();
  const operator = await scene.startOperator(name);
  await settled(operator, 1);
  const steady = (performance.now() - began) / 1000;
  const changed = increase(before, await scene.requests());
  const writes = changed.filter(([what]) => isWrite(what) && !what.endsWith(' leases'));
  return { operator, result: { steady, writes: Object.fromEntries(writes) } };
}

/** Seconds from the end of the leader to the next write: an edit made right after it ended. */
export async function failover(
  scene: Scene,
  leader: OperatorProcess,
  signal: 'SIGKILL' | 'SIGTERM',
  name: string,
): Promise<number> {
  const began = performance.now();
  leader.signal(signal);
  await timeOfEdit(scene, name);
  return (performance.now() - began) / 1000;
}

/** Seconds from the first delete until nothing is left. */
export async function deletion({ client, onlooker }: Scene, names: readonly string[]): Promise<number> {
  const began = performance.now();
  await deleteClusters(client, names);
  const ended = await onlooker.until(() => onlooker.isEmpty(), patience(names.length), 'deletion');
  return (ended - began) / 1000;
}

/** Waits until an operator has reconciled something and nothing is left to do: the same numbers for a while. */
export async function settled(operator: OperatorProcess, seconds = 20): Promise<Usage> {
  let last = await usageOf(operator);
  let since = performance.now();
  await eventually(300, async () => {
    const now = await usageOf(operator);
    if (now.reconciles !== last.reconciles || now.queued > 0 || now.reconciles === 0) since = performance.now();
    last = now;
    if (performance.now() - since < seconds * 1000) throw new Error(`${now.queued} clusters are in the queue`);
  });
  return last;
}
