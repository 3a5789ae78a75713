import { type SecretValues } from '../secrets';
import { isObject, readJson, type JsonObject } from './json';
import { knownKeys } from './unknown-keys';

/**
 * The JSON of `auth.clientsAuthSecret` as nats-operator 0.8 read it (AuthorizationConfig in its pkg/conf): null is as good as
 * nothing, an empty nkey is none, and keys that it does not know mean nothing: see `unknownKeysProblem`. Throws where
 * `jsonProblem` says something.
 */
export function readClientsAuth(values: SecretValues): JsonObject {
  const { key, object } = readJson(values);
  const { users, default_permissions: permissions, ...rest } = entriesOf(object, knownKeys.secret);
  return {
    key,
    object: {
      ...(users === undefined ? {} : { users: Array.isArray(users) ? users.map(userOf) : users }),
      ...(permissions === undefined ? {} : { default_permissions: permissionsOf(permissions) }),
      ...rest,
    },
  };
}

function userOf(user: unknown): unknown {
  if (!isObject(user)) return user;
  const { nkey, permissions, ...rest } = entriesOf(user, knownKeys.user);
  return {
    ...rest,
    ...(nkey === undefined || nkey === '' ? {} : { nkey }),
    ...(permissions === undefined ? {} : { permissions: permissionsOf(permissions) }),
  };
}

function permissionsOf(permissions: unknown): unknown {
  return isObject(permissions) ? entriesOf(permissions, knownKeys.permissions) : permissions;
}

function entriesOf(object: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key, value]) => names.includes(key) && value !== null));
}
