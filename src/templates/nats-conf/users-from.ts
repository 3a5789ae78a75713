import { type AuthSpec } from '../../resources/nats-cluster/auth';

/** Where the users come from that the spec only points to. */
export interface UsersFrom {
  /** Name of the secret with them. */
  readonly secret?: string;
  /** Path of the file with them in the container, from the folder of nats.conf where it is relative. */
  readonly file?: string;
}

/**
 * Servers get one such list only. As with nats-operator 0.8 (addAuthConfig in its pkg/util/kubernetes) service accounts come
 * before a secret, and a secret before a file: nobody else is let in by what is left over.
 */
export function usersFrom(auth: AuthSpec | undefined): UsersFrom {
  if (!auth || auth.enableServiceAccounts) return {};
  if (auth.clientsAuthSecret) return { secret: auth.clientsAuthSecret };
  return auth.clientsAuthFile ? { file: auth.clientsAuthFile } : {};
}
