import { Count, Flag, SecretName, Text } from '../schema/fields';
import { Section, Sections } from '../schema/sections';
import { Excludes, Needs } from '../schema/combinations';
import { Check } from '../schema/rules';
import { Account } from './account';
import { AuthCalloutSpec } from './auth-callout';
import { JwtOperatorSpec } from './jwt-operator';
import { Permissions } from './permissions';
import { SecretKey } from './secret-key';
import { User } from './user';

/** Who may connect. Without it everyone may. */
@Excludes(
  'tokenSecret',
  ['users', 'accounts', 'clientsAuthSecret', 'clientsAuthFile', 'callout', 'enableServiceAccounts', 'noAuthUser'],
  'the server takes either one token or users',
)
@Excludes(
  'operator',
  [
    ...['users', 'accounts', 'clientsAuthSecret', 'clientsAuthFile', 'callout', 'enableServiceAccounts', 'noAuthUser'],
    ...['tokenSecret', 'defaultPermissions', 'tlsVerifyAndMap'],
  ],
  'users and accounts come with JWTs that the operator key signed',
)
@Excludes('users', ['clientsAuthSecret', 'clientsAuthFile'], 'write all users in one place')
@Needs('callout', ['users', 'accounts', 'clientsAuthSecret', 'clientsAuthFile'], 'the users in authUsers must exist')
@Needs('noAuthUser', ['users', 'accounts', 'clientsAuthSecret', 'clientsAuthFile'], 'the user must exist')
@Check<AuthSpec>({
  cel: `(has(self.tlsVerifyAndMap) && self.tlsVerifyAndMap) || !has(self.users) || ${usersHaveCredentials('self')}`,
  holds: ({ tlsVerifyAndMap, users = [] }) => tlsVerifyAndMap === true || users.every(hasCredential),
  message: 'each user needs a passwordSecret or an nkey, unless tlsVerifyAndMap takes users from certificates',
  field: 'users',
})
@Check<AuthSpec>({
  cel: `(has(self.tlsVerifyAndMap) && self.tlsVerifyAndMap) || !has(self.accounts) || self.accounts.all(account, !has(account.users) || ${usersHaveCredentials('account')})`,
  holds: ({ tlsVerifyAndMap, accounts = [] }) =>
    tlsVerifyAndMap === true || accounts.every(({ users = [] }) => users.every(hasCredential)),
  message: 'each user needs a passwordSecret or an nkey, unless tlsVerifyAndMap takes users from certificates',
  field: 'accounts',
})
export class AuthSpec {
  /** Secret with one key of JSON `{users: [{username, password, nkey, permissions}], default_permissions}`. Keys that are not known and may be misspelt limits, as they hold a list or an object or stand among permissions, are refused; others mean nothing. Not used beside `enableServiceAccounts`. On change: reload, also when the Secret changes. */
  @SecretName() clientsAuthSecret?: string;

  /** Path in the container of a file to include as the users, instead of a Secret; from /etc/nats-config where it is relative. Not used beside `enableServiceAccounts` or `clientsAuthSecret`. On change: rolling restart; when the file itself changes: reload with `pod.enableConfigReload`, else taken over with the next restart. */
  @Text({ max: 4096 }) clientsAuthFile?: string;

  /** How long a client may take to authenticate, in seconds. On change: reload. */
  @Count() clientsAuthTimeout?: number;

  /** Secret with `username` and `password` for the routes between members, as two keys or as one key of JSON. On change: rolling restart. */
  @SecretName() clusterAuthSecret?: string;

  /** How long a route may take to authenticate, in seconds. On change: rolling restart. */
  @Count() clusterAuthTimeout?: number;

  /** Secret with `username` and `password` for gateways, as two keys or as one key of JSON. On change: rolling restart. */
  @SecretName() gatewayAuthSecret?: string;

  /** How long a gateway may take to authenticate, in seconds. On change: rolling restart. */
  @Count() gatewayAuthTimeout?: number;

  /** Take the user's name from the client's certificate; needs `tls.serverSecret`. On change: reload. */
  @Flag() tlsVerifyAndMap?: boolean;

  /** Make a user of each service account that a NatsServiceRole of this cluster names. On change: reload. Where the operator can't ask servers to reload, as before 2.10, members are restarted when users change, and every 5.6 days for new tokens. */
  @Flag() enableServiceAccounts?: boolean;

  /** Key of a Secret that holds one token for all clients. Changes then restart members, as the server lets no system user stand beside a token. On change: rolling restart. */
  @Section() tokenSecret?: SecretKey;

  /** Users of the global account. On change: reload. */
  @Sections(() => User, { key: 'name' }) users?: User[];

  /** Permissions of users that have none of their own, in accounts too. On change: reload. */
  @Section() defaultPermissions?: Permissions;

  /** User as which clients without credentials connect. On change: reload. */
  @Text({ max: 256 }) noAuthUser?: string;

  /** Accounts with subjects, users and streams of their own. Beside them `users` are in the global account, which then has no JetStream. On change: reload. */
  @Sections(() => Account, { key: 'name', max: 128 }) accounts?: Account[];

  /** Ask a service of yours who may connect. On change: reload. */
  @Section() callout?: AuthCalloutSpec;

  /** Trust an operator's JWTs. On change: rolling restart. */
  @Section() operator?: JwtOperatorSpec;
}

function usersHaveCredentials(parent: string): string {
  return `${parent}.users.all(user, has(user.passwordSecret) || has(user.nkey))`;
}

function hasCredential({ passwordSecret, nkey }: User): boolean {
  return passwordSecret !== undefined || nkey !== undefined;
}
