import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { type Key, type StoredObject } from '../../kubernetes/object';
import { clusterLabel } from '../../templates/names';
import { systemUser } from '../../templates/nats-conf/system-account';
import { parsedOnce } from '../nats-cluster/parsed-once';
import { isSettled, whyHeld } from './held';
import { type ClusterState } from './plan/situation';

/** What the cluster that a role names says about service accounts. */
export function clusterState(role: StoredObject, find: (key: Key) => StoredObject | undefined): ClusterState {
  const name = role.metadata.labels?.[clusterLabel];
  if (!name) return { is: 'unnamed' };
  const cluster = find({ namespace: role.metadata.namespace, name });
  if (!cluster) return { is: 'missing', name };
  const { resource } = parsedOnce(cluster);
  if (!resource) return { is: 'invalid', name };
  if (!resource.spec.auth?.enableServiceAccounts) return { is: 'off', name };
  return { is: 'on', name, taken: namesOfUsers(resource), held: whyHeld(cluster), settled: isSettled(cluster) };
}

/** The names of the users that the spec itself has, and that of the operator: servers refuse a config with two users of one name. */
function namesOfUsers({ spec: { auth } }: NatsCluster): ReadonlySet<string> {
  const users = [...(auth?.users ?? []), ...(auth?.accounts ?? []).flatMap((account) => account.users ?? [])];
  return new Set([systemUser, ...users.map(({ name }) => name)]);
}
