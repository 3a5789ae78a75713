import { isDeepStrictEqual } from 'node:util';
import { type ApiClient } from '../../kubernetes/api-client';
import { asApiError } from '../../kubernetes/api-error';
import { type Events } from '../../kubernetes/events';
import { type Log } from '../../observability/log';
import { type NatsClusterStatus } from '../../resources/nats-cluster/status';
import { natsClusterKind, type StoredCluster } from './kind';
import { type Plan } from './plan/plan';
import { type Step } from './plan/step';
import { statusOf } from './status';

export interface Mouthpiece {
  readonly client: Pick<ApiClient, 'mergePatch'>;
  readonly events: Pick<Events, 'record'>;
  readonly log: Log;
}

/** Tells people what the plan does and why: in the status where it changed, in events and in the log. */
export async function report(mouthpiece: Mouthpiece, cluster: StoredCluster, plan: Plan): Promise<void> {
  await writeStatus(mouthpiece, cluster, plan);
  for (const step of plan.steps.filter((step) => isNews(step, cluster.status))) {
    const { topic, reason, because } = step;
    const isTrouble = topic !== 'Progressing';
    mouthpiece.log[isTrouble ? 'warn' : 'info']({ reason }, because);
    await mouthpiece.events.record(cluster, { type: isTrouble ? 'Warning' : 'Normal', reason, message: because });
  }
}

/** What is done is news; what is wrong or waited for is so only once. */
function isNews({ topic, because, actions }: Step, before: NatsClusterStatus | undefined): boolean {
  if (actions.length > 0) return true;
  if (topic === 'Progressing') return false;
  return !before?.conditions?.some(({ type, message }) => type === topic && message.includes(because));
}

async function writeStatus({ client, log }: Mouthpiece, cluster: StoredCluster, plan: Plan): Promise<void> {
  const { status: before, metadata } = cluster;
  // as JSON, in which a value that is undefined is left out
  const status = JSON.parse(JSON.stringify(statusOf(plan))) as object;
  if (isDeepStrictEqual(status, before)) return;
  const removed = Object.keys(before ?? {}).filter((key) => !(key in status));
  const patch = { status: { ...status, ...Object.fromEntries(removed.map((key) => [key, null])) } };
  const { uid, resourceVersion } = metadata;
  try {
    await client.mergePatch(natsClusterKind, metadata, patch, { uid, resourceVersion }, 'status');
  } catch (error) {
    // whoever wrote meanwhile caused an event, and the next look has its own status
    if (!asApiError(error)?.conflict && !asApiError(error)?.notFound) throw error;
    log.debug({ err: error }, 'the status waits for the next look');
  }
}
