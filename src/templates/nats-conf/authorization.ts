import { posix } from 'node:path';
import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { configFolder } from '../pod/folders';
import { type Secrets } from '../secrets';
import { valueOf } from '../secret-values';
import { accountsBlock } from './accounts';
import { authCalloutBlock } from './auth-callout';
import { clientsAuth } from './clients-auth';
import { credentialNames, usersOf } from './credential-names';
import { jwtOperator } from './jwt-operator';
import { type Block } from './nats-conf';
import { permissionsBlock } from './permissions';
import { type ServiceUser } from './service-users';
import { Include } from './text';
import { usersFrom } from './users-from';
import { serviceUserBlock, userBlock } from './users';

/** The top-level keys that say who may connect as a client, and as what. */
export function authentication(spec: NatsClusterSpec, secrets: Secrets, serviceUsers: readonly ServiceUser[]): Block {
  const { auth } = spec;
  return {
    authorization: authorizationBlock(spec, secrets, serviceUsers),
    accounts: accountsBlock(spec, secrets),
    no_auth_user: auth?.noAuthUser && (credentialNames(auth).get(auth.noAuthUser) ?? auth.noAuthUser),
    ...jwtOperator(spec, secrets),
  };
}

/**
 * Stands in a list that has no users, so that nobody comes in: from 2.0 on servers take an empty list for none, and let everybody
 * in. No password fits this hash.
 */
const nobody: Block = { user: 'nobody', password: '$2a$04$nobody' };

/**
 * Users of the global account and how they are let in (server/opts.go, parseAuthorization); undefined where the spec has none of
 * it. Where users are listed or accounts are, nobody else is let in.
 */
export function authorizationBlock(
  spec: NatsClusterSpec,
  secrets: Secrets,
  serviceUsers: readonly ServiceUser[],
): Block | undefined {
  const { auth, version } = spec;
  if (!auth) return undefined;
  const { file } = usersFrom(auth);
  const { users: ofSecret, ...secret } = secretBlock(spec, secrets);
  const listed = [
    auth.users?.map((user) => userBlock(user, spec, secrets)),
    ofSecret as Block[] | undefined,
    auth.enableServiceAccounts ? serviceUsers.map((user) => serviceUserBlock(user, spec)) : undefined,
    auth.accounts?.length ? [] : undefined,
  ].filter((list) => list !== undefined);
  const users = listed.flat();
  const isEmpty = users.length === 0 && usersOf(auth).length === 0;
  const block: Block = {
    ...secret,
    users: listed.length === 0 ? undefined : isEmpty ? [nobody] : users.length > 0 ? users : undefined,
    token: auth.tokenSecret ? valueOf(auth.tokenSecret, secrets) : secret.token,
    file: file ? new Include(fromConfig(file)) : undefined,
    timeout: auth.clientsAuthTimeout || secret.timeout,
    default_permissions: auth.defaultPermissions
      ? permissionsBlock(auth.defaultPermissions, version)
      : secret.default_permissions,
    auth_callout: authCalloutBlock(spec),
  };
  return Object.values(block).some((value) => value !== undefined) ? block : undefined;
}

function secretBlock(spec: NatsClusterSpec, secrets: Secrets): Block {
  const { secret } = usersFrom(spec.auth);
  if (!secret) return {};
  const values = secrets.get(secret);
  // the plan waits until it is there, so this is a bug, and a server that lets everybody in would be worse
  if (!values) throw new Error(`secret ${secret} is not there`);
  return clientsAuth(values, spec);
}

/** Servers take every path of an include as one from the folder of nats.conf, also one that starts with a slash. */
function fromConfig(file: string): string {
  return posix.relative(configFolder, posix.resolve(configFolder, file));
}
