import { isObject, listed } from './json';

/** Keys of the JSON that `auth.clientsAuthSecret` stands for, in lower case; subjects have some only where they are an object. */
export const knownKeys = {
  secret: ['users', 'default_permissions', 'username', 'user', 'password', 'pass', 'token', 'timeout'],
  user: ['username', 'user', 'password', 'pass', 'nkey', 'permissions', 'allowed_connection_types'],
  permissions: ['publish', 'subscribe', 'allow_responses'],
  subjects: ['allow', 'deny'],
} as const;

/**
 * Why a secret has keys that would limit users if they were spelt as they should be; undefined where it has none. nats-operator
 * 0.8 dropped every key that it did not know, and with a misspelt `permissions` a user may do all that he was not to. So what
 * could be a limit is refused: a list or an object, and anything among permissions. A word or a number, such as a comment,
 * means nothing as before: secrets that 0.8 took may have it.
 */
export function unknownKeysProblem(secret: Record<string, unknown>): string | undefined {
  const users: unknown[] = Array.isArray(secret.users) ? secret.users : [];
  return (
    unknownKeys('', secret, knownKeys.secret, isStructured) ??
    permissionsProblem('default_permissions', secret.default_permissions) ??
    users
      .map((user, index) => {
        if (!isObject(user)) return undefined;
        const at = `users[${index}].`;
        return (
          unknownKeys(at, user, knownKeys.user, isStructured) ??
          permissionsProblem(`${at}permissions`, user.permissions)
        );
      })
      .find((problem) => problem !== undefined)
  );
}

function permissionsProblem(at: string, permissions: unknown): string | undefined {
  if (!isObject(permissions)) return undefined;
  return (
    unknownKeys(`${at}.`, permissions, knownKeys.permissions) ??
    subjectsProblem(`${at}.publish.`, permissions.publish) ??
    subjectsProblem(`${at}.subscribe.`, permissions.subscribe)
  );
}

function subjectsProblem(at: string, subjects: unknown): string | undefined {
  return isObject(subjects) ? unknownKeys(at, subjects, knownKeys.subjects) : undefined;
}

function unknownKeys(
  at: string,
  object: object,
  known: readonly string[],
  counts: (value: unknown) => boolean = () => true,
): string | undefined {
  const unknown = Object.entries(object).filter(
    ([key, value]) => !known.includes(key) && value !== null && counts(value),
  );
  if (unknown.length === 0) return undefined;
  const names = listed(unknown.map(([key]) => at + key));
  return `${names}, which is not known: it takes ${known.join(', ')}; write one of these, or remove it`;
}

function isStructured(value: unknown): boolean {
  return typeof value === 'object';
}
