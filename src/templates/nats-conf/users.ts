import { has } from '../../nats/capabilities';
import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { type User } from '../../resources/nats-cluster/user';
import { type Secrets } from '../secrets';
import { valueOf } from '../secret-values';
import { type Block } from './nats-conf';
import { permissionsBlock, type May } from './permissions';
import { type ServiceUser } from './service-users';

type Spec = Pick<NatsClusterSpec, 'version'>;

/** A user of the spec (server/opts.go, parseUsers), with `fallback` in place of permissions that it has not. */
export function userBlock(user: User, { version }: Spec, secrets: Secrets, fallback?: May): Block {
  const { name, nkey, passwordSecret, permissions = fallback } = user;
  const what = { permissions: permissions && permissionsBlock(permissions, version) };
  if (nkey) return { nkey, ...what, allowed_connection_types: user.allowedConnectionTypes };
  if (passwordSecret) {
    const password = valueOf(passwordSecret, secrets);
    return { user: name, password, ...what, allowed_connection_types: user.allowedConnectionTypes };
  }
  return { user: name, ...what, ...onlyWithCertificate(version) };
}

/** A user made from a service account. */
export function serviceUserBlock({ name, password, permissions }: ServiceUser, { version }: Spec): Block {
  const { publish, subscribe } = permissions ?? {};
  const may = (allow: readonly string[] | undefined) => allow && { allow };
  const limited = publish !== undefined || subscribe !== undefined;
  return {
    user: name,
    password,
    permissions: limited ? permissionsBlock({ publish: may(publish), subscribe: may(subscribe) }, version) : undefined,
  };
}

/**
 * For a user whose credential is a certificate. Only the client port asks for one: on a websocket, say, the server compares
 * the password that is not there with the one that a client did not send (server/auth.go, comparePasswords).
 */
export function onlyWithCertificate(version: string): Block {
  return { allowed_connection_types: has(version, 'allowedConnectionTypes') ? ['STANDARD'] : undefined };
}
