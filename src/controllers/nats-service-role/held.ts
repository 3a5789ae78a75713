import { type StoredObject } from '../../kubernetes/object';
import { type Condition } from '../../resources/nats-cluster/status';
import { requestsOf } from '../../resources/nats-cluster/requests';
import { parsedOnce } from '../nats-cluster/parsed-once';

/**
 * Reasons of conditions with which nothing is written for a cluster, nats.conf neither, beside a spec that is refused: those of the
 * steps ahead of `applyObjects` in its plan that may last. A new cluster that waits for what is left of one of the same name has no
 * servers yet, so tokens need not wait for that.
 */
const blocking: Readonly<Partial<Record<string, readonly string[]>>> = {
  Degraded: ['SecretMissing', 'SecretInvalid', 'NameTaken', 'KeyMissing', 'KeyFixed', 'ConsumersInTheWay'],
  Progressing: ['GuardingStreams'],
};

/**
 * Why nats.conf of a cluster is not written at present; undefined where it is. Its servers then go on with the tokens that they have.
 * What the spec and annotations do not show is taken from the conditions, so it is known a moment late.
 */
export function whyHeld(cluster: StoredObject): string | undefined {
  if (cluster.metadata.deletionTimestamp) return 'it is being deleted';
  if (parsedOnce(cluster).resource?.spec.paused || requestsOf(cluster.metadata).paused) return 'it is paused';
  const found = conditionsOf(cluster).find(
    ({ type, status: is, reason }) =>
      (type === 'ConfigValid' && is === 'False') || (is === 'True' && blocking[type]?.includes(reason)),
  );
  return found && `its condition ${found.type} says ${found.reason}`;
}

/** Whether its status says that all members run, and have loaded, what they are to: known a moment late too. */
export function isSettled(cluster: StoredObject): boolean {
  return conditionsOf(cluster).some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** Stands for the tokens that all its servers take, as its status has it. */
export function loadedTokens(cluster: StoredObject): string | undefined {
  return (cluster as { readonly status?: { readonly serviceTokens?: string } }).status?.serviceTokens;
}

function conditionsOf(cluster: StoredObject): readonly Condition[] {
  const { status } = cluster as { readonly status?: { readonly conditions?: readonly Condition[] } };
  return status?.conditions ?? [];
}
