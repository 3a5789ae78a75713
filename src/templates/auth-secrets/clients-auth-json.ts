import { type SecretValues } from '../secrets';
import { isObject, readJson, type JsonObject } from './json';

const known = {
  secret: ['users', 'default_permissions', 'username', 'user', 'password', 'pass', 'token', 'timeout'],
  user: ['username', 'user', 'password', 'pass', 'nkey', 'permissions', 'allowed_connection_types'],
  permissions: ['publish', 'subscribe', 'allow_responses'],
};

/**
 * The JSON of `auth.clientsAuthSecret` as nats-operator 0.8 read it (AuthorizationConfig in its pkg/conf): null is as good as
 * nothing, an empty nkey is none, and keys that it does not know mean nothing. Throws where `jsonProblem` says something.
 */
export function readClientsAuth(values: SecretValues): JsonObject {
  const { key, object } = readJson(values);
  const { users, default_permissions: permissions, ...rest } = entriesOf(object, known.secret);
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
  const { nkey, permissions, ...rest } = entriesOf(user, known.user);
  return {
    ...rest,
    ...(nkey === undefined || nkey === '' ? {} : { nkey }),
    ...(permissions === undefined ? {} : { permissions: permissionsOf(permissions) }),
  };
}

function permissionsOf(permissions: unknown): unknown {
  return isObject(permissions) ? entriesOf(permissions, known.permissions) : permissions;
}

function entriesOf(object: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key, value]) => names.includes(key) && value !== null));
}
