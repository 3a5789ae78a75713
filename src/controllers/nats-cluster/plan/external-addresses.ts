import { doing, trouble, type Step } from './step';
import { isAlive, listed, type View } from './survey';
import { type Node, type Pod } from './situation';

/** Label that names the external address of a node whose status has none, as nats-operator 0.8 read it. */
export const externalAddressLabel = 'nats.io/node-external-ip';

/** Annotation of a pod: the address that its server tells others. */
export const externalAddressAnnotation = 'nats.io/external-address';

/** The external address of each pod that has a node with one, by name of the pod. */
export function addressesByPod(pods: readonly Pod[], nodes: ReadonlyMap<string, Node>): Map<string, string> {
  return new Map(
    pods.flatMap(({ metadata, spec }) => {
      const address = addressOf(nodes.get(spec.nodeName ?? ''));
      return address ? [[metadata.name, address]] : [];
    }),
  );
}

/** The external address of a node; undefined where it has none. */
export function addressOf(node: Node | undefined): string | undefined {
  const external = node?.status?.addresses?.find(({ type }) => type === 'ExternalIP')?.address;
  return external ?? node?.metadata.labels?.[externalAddressLabel];
}

/**
 * Tells pods their external address, which their server waits for. The secret that the server reads is written as all
 * objects are; a touched pod makes its kubelet look at once, and not after a while.
 */
export function tellAddresses({ members, wanted }: View): readonly Step[] {
  const addresses = wanted?.externalAddresses;
  if (!addresses) return [];
  const alive = members.flatMap(({ name, pods }) => pods.filter(isAlive).map(({ pod }) => ({ name, pod })));
  const told = alive.flatMap(({ name, pod }) => {
    const address = addresses.get(pod.metadata.name);
    if (!address || pod.metadata.annotations?.[externalAddressAnnotation] === address) return [];
    const annotations = { [externalAddressAnnotation]: address };
    return [{ name, action: { do: 'relabel', object: pod, labels: {}, annotations } as const }];
  });
  const lost = alive.filter(({ pod }) => pod.spec.nodeName && !addresses.has(pod.metadata.name));
  return [
    ...(told.length > 0
      ? [
          doing(
            'Applying',
            `${listed(told.map(({ name }) => name))} did not know the external address of the node`,
            told.map(({ action }) => action),
          ),
        ]
      : []),
    ...lost.map(({ name, pod }) =>
      trouble(
        'NoExternalAddress',
        `spec.pod.advertiseExternalIP: ${name} cannot start, as its node ${pod.spec.nodeName ?? ''} has no ExternalIP: ` +
          `label the node with ${externalAddressLabel}=<address>, or remove the field`,
      ),
    ),
  ];
}
