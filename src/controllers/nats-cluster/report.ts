import { isDeepStrictEqual } from 'node:util';
import { type ApiClient } from '../../kubernetes/api-client';
import { asApiError } from '../../kubernetes/api-error';
import { type Events } from '../../kubernetes/events';
import { type Log } from '../../observability/log';
import { type NatsClusterStatus } from '../../resources/nats-cluster/status';
import { type Outcome } from './act';
import { natsClusterKind, type StoredCluster } from './kind';
import { type Plan } from './plan/plan';
import { type Step } from './plan/step';
import { statusOf } from './status';

export interface Mouthpiece {
  readonly client: Pick<ApiClient, 'mergePatch'>;
  readonly events: Pick<Events, 'record'>;
  readonly log: Log;
}

/**
 * Tells people what the plan does and why: in the status where it changed, in events and in the log. Stale where the cluster
 * was written since it was looked at: then the status must be made again.
 */
export async function report(mouthpiece: Mouthpiece, cluster: StoredCluster, plan: Plan): Promise<Outcome> {
  const outcome = await writeStatus(mouthpiece.client, cluster, plan);
  for (const step of plan.steps.filter((step) => isNews(step, cluster.status))) {
    const { topic, reason, because } = step;
    const isTrouble = topic !== 'Progressing';
    mouthpiece.log[isTrouble ? 'warn' : 'info']({ reason }, because);
    await mouthpiece.events.record(cluster, { type: isTrouble ? 'Warning' : 'Normal', reason, message: because });
  }
  return outcome;
}

/** What is done is news; what is wrong or waited for is so only once. */
function isNews({ topic, because, actions }: Step, before: NatsClusterStatus | undefined): boolean {
  if (actions.length > 0) return true;
  if (topic === 'Progressing') return false;
  return !before?.conditions?.some(({ type, message }) => type === topic && message.includes(because));
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
