import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { versions } from '../e2e/cluster/versions';
import { type Creation, type Idleness, type Latency, type Restart } from './measurements';

/** All figures of a run. Times are in seconds where their name does not say otherwise. */
export interface Results {
  readonly machine: Machine;
  readonly clusters: number;
  /** Before and after the operator's turn. */
  readonly rawSeconds: readonly [number, number];
  readonly create: Creation;
  readonly idle: Idleness;
  readonly quiet: Latency;
  readonly busy: Latency & { readonly rolling: number; readonly seconds: number };
  readonly restart: Restart;
  readonly killed: number;
  readonly stopped: number;
  readonly deletion: number;
  readonly memory: { readonly residentMiB: number; readonly heapMiB: number };
  readonly reconcileErrors: number;
}

interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGiB: number;
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly kubernetes: string;
}

/** Where and when a run was made. */
export function machine(): Machine {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const [cpu] = cpus();
  return {
    cores: cpus().length,
    model: cpu?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    date: new Date().toISOString().slice(0, 10),
    commit,
    node: process.version,
    kubernetes: versions.kubernetes,
  };
}

/** The figures beside the goals, as Markdown. */
export function markdown(results: Results): string {
  const { machine, clusters, rawSeconds, create, idle, quiet, busy, restart, memory } = results;
  const [before, after] = rawSeconds;
  const raw = (before + after) / 2;
  const writes = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ') || '0';
  const each = Object.entries(create.callsEach).map(([method, count]) => `${count.toFixed(1)} ${method}`);
  const rows: [string, string, string][] = [
    ['raw limit, before and after', `${s(before)}, ${s(after)}`, ''],
    [
      `${clusters} clusters of 3: create to all pods Ready`,
      `${s(create.pods)}, ${(create.pods / raw).toFixed(2)} x raw`,
      '<= 1.2 x raw',
    ],
    ['until all NatsClusters say so', `${s(create.status)}, ${(create.status / raw).toFixed(2)} x raw`, ''],
    ['calls of the operator for each cluster', each.join(', '), ''],
    ['CPU of the operator for each cluster', `${create.cpuMsEach.toFixed(0)} ms`, ''],
    [`idle for ${idle.seconds} s: writes of anybody but leases`, writes(idle.writes), '0'],
    ['idle: calls of the operator (writes are its lease)', writes(idle.calls), ''],
    ['idle: CPU', `${idle.cpuPercent.toFixed(2)} % of a core`, '< 1 %'],
    [`edit to first write, ${quiet.edits} edits`, latency(quiet), 'p99 <= 250 ms'],
    [`the same while ${busy.rolling} clusters are upgraded (${s(busy.seconds)})`, latency(busy), ''],
    ['restart: start to steady', s(restart.steady), '< 30 s'],
    ['restart: writes', writes(restart.writes), '0'],
    ['leader killed to next write', s(results.killed), '<= 20 s'],
    ['leader stopped to next write', s(results.stopped), '<= 3 s'],
    ['memory at the end, resident and heap', `${mib(memory.residentMiB)}, ${mib(memory.heapMiB)}`, '<= 256 MiB'],
    ...create.growth.map(({ clusters: count, residentMiB, heapMiB }): [string, string, string] => [
      `memory when ${count} clusters were ready`,
      `${mib(residentMiB)}, ${mib(heapMiB)}`,
      '',
    ]),
    ['deletion of all', s(results.deletion), ''],
    ['reconciles that failed', String(results.reconcileErrors), ''],
  ];
  const where = `${machine.cores} cores (${machine.model}), ${machine.memoryGiB} GiB, Node ${machine.node}, Kubernetes ${machine.kubernetes}, ${machine.date}, commit ${machine.commit}`;
  return [
    `${where}.`,
    '',
    '| what | measured | goal |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
}

function latency({ p50, p99, max }: Latency): string {
  return `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, worst ${max.toFixed(0)} ms`;
}

function s(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

function mib(size: number): string {
  return `${size.toFixed(0)} MiB`;
}
