import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { readClientsAuth } from '../auth-secrets/clients-auth-json';
import { type SecretValues } from '../secrets';
import { type Block } from './nats-conf';
import { onlyWithCertificate } from './users';

/**
 * `auth.clientsAuthSecret` as the server's authorization: JSON as nats-operator 0.8 took it, in which permissions mean what the
 * server of that version makes of them. One user or several become users, so that the operator's own can stand beside them.
 * What is in it was checked before: see `auth-secrets/clients-auth.ts`.
 */
export function clientsAuth(values: SecretValues, { version }: Pick<NatsClusterSpec, 'version'>): Block {
  const { username, user, password, pass, users, ...rest } = readClientsAuth(values).object;
  const one = username ?? user;
  const all = [
    ...(one === undefined ? [] : [{ user: one, password: password ?? pass }]),
    ...((users as Block[] | undefined) ?? []),
  ];
  const known = one === undefined && users === undefined ? undefined : all.map((entry) => written(entry, version));
  return { users: known, ...rest };
}

function written(user: Block, version: string): Block {
  const hasCredential = ['password', 'pass', 'nkey'].some((key) => user[key] !== undefined);
  return hasCredential ? user : { ...onlyWithCertificate(version), ...user };
}
