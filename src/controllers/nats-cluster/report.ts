import { isDeepStrictEqual } from 'node:util';
import { type ApiClient } from '../../kubernetes/api-client';
import { asApiError } from '../../kubernetes/api-error';
import { type Events } from '../../kubernetes/events';
import { type Log } from '../../observability/log';
import { type NatsClusterStatus } from '../../resources/nats-cluster/status';
import { type Outcome } from './act';
import { natsClusterKind, type StoredCluster } from './kind';
import { type Plan } from './plan/plan';
import { trouble, type Step } from './plan/step';
import { statusOf } from './status';

export interface Mouthpiece {
  readonly client: Pick<ApiClient, 'mergePatch'>;
  readonly events: Pick<Events, 'record'>;
  readonly log: Log;
}

/**
 * Tells people what was done and why: in events and in the log. What is done again and again, as the status says already, is told
 * once. Events take their time, and nobody waits for them.
 */
export function announce(mouthpiece: Mouthpiece, cluster: StoredCluster, { steps }: Plan): void {
  const isNew = !cluster.status?.conditions;
  for (const step of steps.filter((step) => step.actions.length > 0 && !isTold(step, cluster.status))) {
    // that the objects of a new cluster did not exist is no news
    if (!(isNew && step.reason === 'Applying')) tell(mouthpiece, cluster, step);
  }
}

/**
 * Tells people how the cluster is: in the status where it changed, and what is wrong or is waited for since then in events and
 * in the log. Stale where the cluster was written since it was looked at: then the status must be made again.
 */
export async function report(mouthpiece: Mouthpiece, cluster: StoredCluster, plan: Plan): Promise<Outcome> {
  const outcome = await writeStatus(mouthpiece.client, cluster, plan);
  if (outcome === 'done') {
    for (const step of plan.steps.filter((step) => isNewTrouble(step, cluster.status))) tell(mouthpiece, cluster, step);
  }
  return outcome;
}

/** A plan of which the API server refused something: nothing of it is taken for done. */
export function refused(plan: Plan, why: string): Plan {
  const undone = plan.steps.map((step) => ({ ...step, actions: [] }));
  return { ...plan, steps: [trouble('Refused', why), ...undone] };
}

function tell({ log, events }: Mouthpiece, cluster: StoredCluster, { topic, reason, because }: Step): void {
  const isTrouble = topic !== 'Progressing';
  log[isTrouble ? 'warn' : 'info']({ reason }, because);
  events.record(cluster, { type: isTrouble ? 'Warning' : 'Normal', reason, message: because });
}

/** What is wrong is news only once. */
function isNewTrouble(step: Step, before: NatsClusterStatus | undefined): boolean {
  return step.topic !== 'Progressing' && step.actions.length === 0 && !isTold(step, before);
}

function isTold({ topic, because }: Step, before: NatsClusterStatus | undefined): boolean {
  return before?.conditions?.some(({ type, message }) => type === topic && message.includes(because)) ?? false;
}

async function writeStatus(client: Mouthpiece['client'], cluster: StoredCluster, plan: Plan): Promise<Outcome> {
  const { status: before, metadata } = cluster;
  // as JSON, in which a value that is undefined is left out
  const status = JSON.parse(JSON.stringify(statusOf(plan))) as object;
  if (isDeepStrictEqual(status, before)) return 'done';
  const removed = Object.keys(before ?? {}).filter((key) => !(key in status));
  const patch = { status: { ...status, ...Object.fromEntries(removed.map((key) => [key, null])) } };
  const { uid, resourceVersion } = metadata;
  try {
    await client.mergePatch(natsClusterKind, metadata, patch, { uid, resourceVersion }, 'status');
    return 'done';
  } catch (error) {
    if (asApiError(error)?.conflict || asApiError(error)?.notFound) return 'stale';
    throw error;
  }
}
