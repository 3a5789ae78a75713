import { type ServiceUser } from '../../../templates/nats-conf/service-users';
import { tokenSecretName } from '../../../templates/token-secret';
import { isOfAnother, isOfRole, passwordIn, tokenInForce } from './tokens';
import { type Account, type RoleSituation, type TokenSecret } from './situation';

/**
 * The user name that a service account always has: unique, as `_` is in no name of Kubernetes. nats-operator 0.8 named users after
 * the role alone, so that with two namespaces there were two users of one name, which servers refuse.
 */
export function uniqueName(role: string, namespace: string): string {
  return `${namespace}_${role}`;
}

/**
 * The service accounts from the oldest on. The oldest has the role's own name too, as with 0.8, so one that is made later takes
 * it from nobody.
 */
export function byAge(accounts: readonly Account[]): Account[] {
  return [...accounts].sort(({ metadata: a }, { metadata: b }) => {
    const older = Date.parse(a.creationTimestamp) - Date.parse(b.creationTimestamp);
    return older || (a.namespace < b.namespace ? -1 : 1);
  });
}

/** The names of an account's user, whoever else may have them. */
export function namesOf({ role, accounts }: RoleSituation, { metadata }: Account): string[] {
  if (!role) return [];
  const { name } = role.metadata;
  const [oldest] = byAge(accounts);
  return [...(oldest?.metadata.uid === metadata.uid ? [name] : []), uniqueName(name, metadata.namespace)];
}

/** The Secret that has the name of the one with an account's token; undefined where there is none. */
export function secretOf({ role, cluster, secrets }: RoleSituation, { metadata }: Account): TokenSecret | undefined {
  if (!role || cluster.is !== 'on') return undefined;
  const wanted = tokenSecretName(role.metadata.name, cluster.name);
  return secrets.find((secret) => secret.metadata.namespace === metadata.namespace && secret.metadata.name === wanted);
}

/** Where the Secrets of service accounts would be that the situation shows none of: some may be there without the marks of ours. */
export function absentSecrets(situation: RoleSituation): { readonly namespace: string; readonly name: string }[] {
  const made = makesUsers(situation);
  if (!made) return [];
  const name = tokenSecretName(made.role.metadata.name, made.cluster.name);
  return situation.accounts
    .filter((account) => !secretOf(situation, account))
    .map(({ metadata: { namespace } }) => ({ namespace, name }));
}

/** The users that a role makes in its cluster, with nobody's that is gone, whatever Secrets are left. */
export function serviceUsers(situation: RoleSituation): ServiceUser[] {
  const { cluster, permissions } = situation;
  const taken = cluster.is === 'on' ? cluster.taken : new Set();
  return tokensOf(situation).flatMap(([account, secret]) => {
    const password = passwordIn(secret);
    if (password === undefined) return [];
    return namesOf(situation, account)
      .filter((name) => !taken.has(name))
      .map((name) => ({ name, password, permissions }));
  });
}

/** Stands for the passwords of those users: it changes with each that comes, goes or is replaced. */
export function tokensInForce(situation: RoleSituation): string[] {
  return tokensOf(situation).flatMap(([, secret]) => tokenInForce(secret) ?? []);
}

/** The accounts that may be users, each with its Secret, from the oldest on. */
function tokensOf(situation: RoleSituation): [Account, TokenSecret][] {
  const made = makesUsers(situation);
  if (!made) return [];
  return byAge(situation.accounts).flatMap((account): [Account, TokenSecret][] => {
    const secret = secretOf(situation, account);
    return secret && isOfRole(secret, made.role.metadata) && !isOfAnother(secret, account) ? [[account, secret]] : [];
  });
}

/** The role and the cluster that it makes users in; undefined where it makes none. */
function makesUsers({ role, cluster, problems }: RoleSituation) {
  if (!role || role.metadata.deletionTimestamp || problems.length > 0 || cluster.is !== 'on') return undefined;
  return { role, cluster };
}
