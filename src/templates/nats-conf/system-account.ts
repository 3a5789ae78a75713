import { has } from '../../nats/capabilities';
import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { type Block } from './nats-conf';
import { Include } from './text';

const systemAccount = '$SYS';

/** Name of the operator's user in the system account. */
export const systemUser = 'nats-operator-system';

/**
 * Whether a config has a place for a user of ours in the system account. It has none where the version can't be asked for
 * anything, where a JWT decides who is in the account, where certificates name the users (server/auth.go,
 * verify_and_map), and beside a lone token or a lone user: "Can not have a token and a users array" (server/opts.go). A file of
 * the container may have either, and a server that can't start would be worse than one that can't be asked.
 */
export function hasSystemUser(version: string, { operator, authorization, tls }: Block): boolean {
  if (!has(version, 'reload') || operator !== undefined) return false;
  if (isBlock(tls) && tls.verify_and_map === true) return false;
  if (!isBlock(authorization)) return true;
  if (Object.values(authorization).some((value) => value instanceof Include)) return false;
  return ['token', 'user', 'username'].every((key) => authorization[key] === undefined);
}

/**
 * A config with a user of ours in the system account, beside whatever accounts and users it has. Who may connect as a client
 * stays as it is: a server whose only users are in the system account lets anonymous clients in, and they see nothing of
 * `$SYS` (measured with 2.10.29, 2.14.9 and 2.15.2).
 */
export function withSystemUser(block: Block, password: string): Block {
  const name = typeof block.system_account === 'string' ? block.system_account : systemAccount;
  const accounts = isBlock(block.accounts) ? block.accounts : {};
  const account = isBlock(accounts[name]) ? accounts[name] : {};
  const user = { user: systemUser, password, allowed_connection_types: ['STANDARD'] };
  return {
    ...block,
    authorization: withoutCallout(block.authorization),
    accounts: { ...accounts, [name]: { ...account, users: [...list(account.users), user] } },
  };
}

/**
 * What authentication says, with the system account that servers insist on where there are gateways and leaf nodes
 * (server/leafnode.go, validateLeafNode): their own one does not count unless it is written. It has no users.
 */
export function withSystemAccount({ gatewayConfig, leafnodeConfig }: NatsClusterSpec, authentication: Block): Block {
  const isNeeded = gatewayConfig && leafnodeConfig;
  // accounts of a trusted operator come from its resolver
  if (!isNeeded || authentication.system_account !== undefined || authentication.operator !== undefined)
    return authentication;
  const accounts = { [systemAccount]: {}, ...(authentication.accounts as Block | undefined) };
  return { ...authentication, accounts, system_account: systemAccount };
}

/** A service that is asked who may connect is not asked about our user: it may well not know it, or need us to come up. */
function withoutCallout(authorization: unknown): unknown {
  if (!isBlock(authorization) || !isBlock(authorization.auth_callout)) return authorization;
  const { auth_callout: callout } = authorization;
  return {
    ...authorization,
    auth_callout: { ...callout, auth_users: [...list(callout.auth_users), systemUser] },
  };
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
