import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';

/** Variable in a server's environment: the external address of its node, in quotes, as nats.conf reads it. */
export const externalAddressVariable = 'NATS_EXTERNAL_ADDRESS';

const reference = `$${externalAddressVariable}`;

/**
 * What a listener tells others as its address: that of the node where the spec asks for it. Only the pod knows its node, so
 * the one nats.conf of all members refers to the environment. The port is the listener's own, which is opened on the node.
 */
export function advertised({ pod }: NatsClusterSpec): string | undefined {
  return pod?.advertiseExternalIP ? reference : undefined;
}

/** nats.conf with its references to the environment as such: in quotes they would be plain text. */
export function withReferences(conf: string): string {
  return conf.replaceAll(
    new RegExp(`("(?:client_)?advertise": ?)"\\${reference}"`, 'g'),
    '$1' + '$$' + externalAddressVariable,
  );
}
