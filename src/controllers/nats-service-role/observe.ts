import { type Problem } from '../../resources/parse';
import { parseNatsServiceRole } from '../../resources/parse';
import { type Key, type StoredObject } from '../../kubernetes/object';
import { clusterState } from './cluster-state';
import { type RoleCaches } from './role-caches';
import { type RoleSituation } from './plan/situation';

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
    loaded: false,
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
