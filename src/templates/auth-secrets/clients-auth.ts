import { isNkey } from '../auth-problems/nkey';
import { has, since } from '../../nats/capabilities';
import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { credentialNames } from '../nats-conf/credential-names';
import { isSubject } from '../nats-conf/subjects';
import { systemUser } from '../nats-conf/system-account';
import { type SecretValues } from '../secrets';
import { readClientsAuth } from './clients-auth-json';
import { isObject, jsonProblem, readJson, type Wrong } from './json';
import { passwordProblem } from './text';
import { knownKeys, unknownKeysProblem } from './unknown-keys';

/**
 * Why a secret is not the users that `auth.clientsAuthSecret` stands for, or not for servers of that version; undefined where it
 * is. Servers would not start with it, or let in whom it does not name.
 */
export function clientsAuthProblem(values: SecretValues, spec: NatsClusterSpec): Wrong | undefined {
  const problem = jsonProblem(values);
  if (problem) return problem;
  const { key, object } = readClientsAuth(values);
  const found = unknownKeysProblem(readJson(values).object) ?? contentProblem(object, spec);
  return found === undefined ? undefined : { wrong: `has under its key ${key} ${found}` };
}

function contentProblem(object: Record<string, unknown>, spec: NatsClusterSpec): string | undefined {
  const { users, token, timeout, default_permissions: permissions } = object;
  const one = object.username ?? object.user;
  if (users === undefined && token === undefined && one === undefined) return 'no users: add a list "users"';
  if (users !== undefined && !Array.isArray(users)) return '"users" that are not a list: write them in [ ]';
  if (token !== undefined && (users ?? one) !== undefined) return 'a token beside users: remove one of them';
  if (token !== undefined && needsUsers(spec.auth)) return 'a token, beside which no users can stand: write users';
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    return 'a timeout that is not a number of seconds: write one';
  }
  const entries: unknown[] = [
    ...(one === undefined ? [] : [{ username: one, password: object.password ?? object.pass }]),
    ...((users as unknown[] | undefined) ?? []),
  ];
  return (
    (token === undefined ? undefined : passwordProblem('a token', token)?.wrong.replace(/^has /, '')) ??
    permissionsProblem('default_permissions', permissions, spec.version) ??
    firstOf(entries, (user, index) => userProblem(`users[${index}]`, user, spec)) ??
    twice(entries) ??
    takenElsewhere(entries, spec)
  );
}

function needsUsers(auth: NatsClusterSpec['auth']): boolean {
  return [auth?.callout, auth?.noAuthUser, auth?.accounts?.length].some(Boolean);
}

function userProblem(at: string, user: unknown, { version, auth }: NatsClusterSpec): string | undefined {
  if (!isObject(user)) return `${at} that is not an object: write {"username", "password"}`;
  const { nkey, permissions, allowed_connection_types: types } = user;
  const [name, password] = [user.username ?? user.user, user.password ?? user.pass];
  if (nkey !== undefined) {
    if (!has(version, 'nkeys')) return tooNew(`${at}.nkey`, version, since.nkeys);
    if (typeof nkey !== 'string' || !nkey.startsWith('U') || !isNkey(nkey)) {
      return `${at}.nkey that is not the public nkey of a user: copy the whole key again`;
    }
    if (name !== undefined || password !== undefined) return `${at} with an nkey and a name: remove one of them`;
  } else {
    if (typeof name !== 'string' || name === '') return `${at} without username: write one`;
    const needed = auth?.tlsVerifyAndMap !== true || password !== undefined;
    const problem = needed ? passwordProblem(`${at}.password`, password ?? '') : undefined;
    if (problem) return problem.wrong.replace(/^has /, '');
  }
  if (types !== undefined && !has(version, 'allowedConnectionTypes')) {
    return tooNew(`${at}.allowed_connection_types`, version, since.allowedConnectionTypes);
  }
  return permissionsProblem(`${at}.permissions`, permissions, version);
}

function permissionsProblem(at: string, permissions: unknown, version: string): string | undefined {
  if (permissions === undefined) return undefined;
  if (!isObject(permissions)) return `${at} that are not an object: write {"publish", "subscribe"}`;
  if (permissions.allow_responses !== undefined && !has(version, 'allowResponses')) {
    return tooNew(`${at}.allow_responses`, version, since.allowResponses);
  }
  return firstOf(['publish', 'subscribe'], (way) => subjectsProblem(`${at}.${way}`, permissions[way], version));
}

function subjectsProblem(at: string, subjects: unknown, version: string): string | undefined {
  if (subjects === undefined) return undefined;
  if (isObject(subjects)) {
    if (!has(version, 'subjectDeny')) return tooNew(`${at}.allow and deny`, version, since.subjectDeny);
    return firstOf(knownKeys.subjects, (list) => listProblem(`${at}.${list}`, subjects[list]));
  }
  return listProblem(at, subjects);
}

function listProblem(at: string, subjects: unknown): string | undefined {
  const list: unknown[] = Array.isArray(subjects) ? subjects : [subjects];
  // a subscription may name its queue too
  const isGood = (subject: unknown) => typeof subject === 'string' && subject.split(' ').every(isSubject);
  if (subjects === undefined || list.every(isGood)) return undefined;
  return `${at} with what is no subject: no part between dots may be empty, and > stands only at the end`;
}

function namesOf(users: readonly unknown[]): unknown[] {
  return users.filter(isObject).map((user) => user.nkey ?? user.username ?? user.user);
}

function twice(users: readonly unknown[]): string | undefined {
  const names = namesOf(users);
  const index = names.findIndex((name, position) => names.indexOf(name) !== position);
  return index < 0 ? undefined : `users[${index}] twice: name each user once`;
}

/** Servers refuse two users of one name, in whatever accounts (server/opts.go, "Duplicate user"). */
function takenElsewhere(users: readonly unknown[], { auth }: NatsClusterSpec): string | undefined {
  const ofSpec = new Set<unknown>(auth ? credentialNames(auth).values() : []);
  return firstOf(namesOf(users), (name, index) => {
    if (name === systemUser) return `users[${index}] with the name of the operator's own user: take another`;
    return ofSpec.has(name) ? `users[${index}] that spec.auth has too: name each user once` : undefined;
  });
}

function tooNew(at: string, version: string, first: string): string {
  return `${at}, which needs nats-server ${first} or newer, and spec.version is ${version}: remove it or upgrade`;
}

function firstOf<T>(items: readonly T[], problemOf: (item: T, index: number) => string | undefined) {
  for (const [index, item] of items.entries()) {
    const problem = problemOf(item, index);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
