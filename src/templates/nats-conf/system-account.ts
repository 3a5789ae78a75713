import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { type Block } from './nats-conf';

const systemAccount = '$SYS';

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
