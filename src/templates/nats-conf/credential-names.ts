import { type AuthSpec } from '../../resources/nats-cluster/auth';
import { type User } from '../../resources/nats-cluster/user';

/** All users of the spec, those of accounts too, with the fields that they stand in. */
export function usersOf({ users = [], accounts = [] }: AuthSpec): { user: User; field: string }[] {
  const within = (some: User[], parent: string) =>
    some.map((user, index) => ({ user, field: `${parent}.users[${index}]` }));
  return [
    ...within(users, 'spec.auth'),
    ...accounts.flatMap((account, index) => within(account.users ?? [], `spec.auth.accounts[${index}]`)),
  ];
}

/** What servers know a user by, by its name in the spec: one with an nkey has no other name there. */
export function credentialNames(auth: AuthSpec): ReadonlyMap<string, string> {
  return new Map(usersOf(auth).map(({ user: { name, nkey } }) => [name, nkey ?? name]));
}
