import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { selectorLabels, type Named } from './names';
import { externalAddressVariable } from './nats-conf/advertise';
import { owned } from './owned';

/** Name of the secret with the external addresses of the nodes that the pods of a cluster run on. */
export function externalAddressesName({ metadata }: Named): string {
  return `${metadata.name}-external-addresses`;
}

/**
 * The variable with a pod's external address. The container is not started before the secret has it, which is when the pod
 * has its node: no container of ours has to ask the API server for it, as in nats-operator 0.8.
 */
export function externalAddress(cluster: Named, pod: string) {
  const secretKeyRef = { name: externalAddressesName(cluster), key: pod };
  return { name: externalAddressVariable, valueFrom: { secretKeyRef } };
}

/** The secret with the addresses, by name of the pod; none where the spec does not ask for it. */
export function externalAddresses(cluster: NatsCluster, byPod: ReadonlyMap<string, string>) {
  if (!cluster.spec.pod?.advertiseExternalIP) return undefined;
  return owned(cluster, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: externalAddressesName(cluster), labels: selectorLabels(cluster) },
    type: 'Opaque',
    data: Object.fromEntries([...byPod].map(([pod, address]) => [pod, encoded(address)])),
  });
}

/** In quotes, as nats.conf reads it, and an IPv6 address in brackets, as servers want it. */
function encoded(address: string): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return Buffer.from(JSON.stringify(host)).toString('base64');
}
