import { Count, Flag, SecretName, Section, Sections, Text } from '../schema/fields';
import { Account } from './account';
import { AuthCalloutSpec } from './auth-callout';
import { JwtOperatorSpec } from './jwt-operator';
import { Permissions } from './permissions';
import { SecretKey } from './secret-key';
import { User } from './user';

/** Who may connect. Without it everyone may. */
export class AuthSpec {
  /** Secret with one key of JSON `{users: [{username, password, nkey, permissions}], default_permissions}`. On change: reload, also when the Secret changes. */
  @SecretName() clientsAuthSecret?: string;

  /** Path in the container of a file to include as the users, instead of a Secret. On change: reload. */
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

  /** Make a user of each service account that a NatsServiceRole of this cluster names. On change: reload. */
  @Flag() enableServiceAccounts?: boolean;

  /** Key of a Secret that holds one token for all clients. Changes then restart members, as the server lets no system user stand beside a token. On change: rolling restart. */
  @Section() tokenSecret?: SecretKey;

  /** Users of the global account. On change: reload. */
  @Sections(() => User, { key: 'name' }) users?: User[];

  /** Permissions of users that have none of their own. On change: reload. */
  @Section() defaultPermissions?: Permissions;

  /** User as which clients without credentials connect. On change: reload. */
  @Text({ max: 256 }) noAuthUser?: string;

  /** Accounts with subjects, users and streams of their own. On change: reload. */
  @Sections(() => Account, { key: 'name', max: 128 }) accounts?: Account[];

  /** Ask a service of yours who may connect. On change: reload. */
  @Section() callout?: AuthCalloutSpec;

  /** Trust an operator's JWTs. On change: rolling restart. */
  @Section() operator?: JwtOperatorSpec;
}
