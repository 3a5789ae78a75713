import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { Variable } from './text';

/** Variable in a server's environment: the external address of its node, in quotes, as nats.conf reads it. */
export const externalAddressVariable = 'NATS_EXTERNAL_ADDRESS';

/**
 * What a listener tells others as its address: that of the node where the spec asks for it. Only the pod knows its node, so
 * the one nats.conf of all members refers to the environment. The port is the listener's own, which is opened on the node.
 */
export function advertised({ pod }: NatsClusterSpec): Variable | undefined {
  return pod?.advertiseExternalIP ? new Variable(externalAddressVariable) : undefined;
}
