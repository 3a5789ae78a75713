import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { type Problem } from '../../resources/parse';
import { parseNatsServiceRole } from '../../resources/parse';
import { type Key, type StoredObject } from '../../kubernetes/object';
import { clusterLabel } from '../../templates/names';
import { parsedOnce } from '../nats-cluster/parsed-once';
import { systemUser } from '../../templates/nats-conf/system-account';
import { type RoleCaches } from './role-caches';
import { type ClusterState, type RoleSituation } from './plan/situation';

/** Gathers what the caches know of a role. */
export function observeRole(
  caches: RoleCaches,
  key: Key,
  cluster: (key: Key) => StoredObject | undefined,
  now: number,
): RoleSituation {
  const role = caches.role(key);
  const parsed = role && parseNatsServiceRole(role);
  const permissions = parsed?.resource?.spec.permissions;
  const problems: readonly Problem[] = parsed?.problems ?? [];
  return {
    now,
    role,
    problems,
    permissions: { publish: subjects(permissions?.publish), subscribe: subjects(permissions?.subscribe) },
    cluster: role ? clusterState(role, cluster) : { is: 'unnamed' },
    accounts: role ? caches.accountsNamed(role.metadata.name) : [],
    secrets: caches.secretsOf(key),
  };
}

/**
 * Without any, all: as nats-operator 0.8 had it. It is written out, since to gnatsd 1.0.4 no list means no subject where the other
 * list is there (server/client.go, canSubscribe).
 */
function subjects(given: readonly string[] | undefined): readonly string[] {
  return given && given.length > 0 ? given : ['>'];
}

/** What is known of the cluster that a role names. */
export function clusterState(role: StoredObject, find: (key: Key) => StoredObject | undefined): ClusterState {
  const name = role.metadata.labels?.[clusterLabel];
  if (!name) return { is: 'unnamed' };
  const cluster = find({ namespace: role.metadata.namespace, name });
  if (!cluster) return { is: 'missing', name };
  const { resource } = parsedOnce(cluster);
  if (!resource) return { is: 'invalid', name };
  if (!resource.spec.auth?.enableServiceAccounts) return { is: 'off', name };
  return { is: 'on', name, taken: namesOfUsers(resource) };
}

/** The names of the users that the spec itself has, and that of the operator's own. */
function namesOfUsers({ spec: { auth } }: NatsCluster): ReadonlySet<string> {
  const users = [...(auth?.users ?? []), ...(auth?.accounts ?? []).flatMap((account) => account.users ?? [])];
  return new Set([systemUser, ...users.map(({ name }) => name)]);
}
