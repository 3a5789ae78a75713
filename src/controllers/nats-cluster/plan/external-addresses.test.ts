import { addressesByPod, externalAddressAnnotation, tellAddresses } from './external-addresses';
import { actionsOf, aReadyPod, aView, aWanted, sentencesOf } from './makers';
import { type Node } from './situation';

const node = (name: string, changes: Partial<Node['metadata']>, ...addresses: [string, string][]): [string, Node] => [
  name,
  { metadata: { name, ...changes }, status: { addresses: addresses.map(([type, address]) => ({ type, address })) } },
];

describe('the external address of a pod', () => {
  const pods = [0, 1, 2].map((ordinal) => aReadyPod(ordinal));

  it('is that of its node, or the one that a label of the node names', () => {
    const nodes = new Map([
      node('node-0', {}, ['InternalIP', '10.0.0.1'], ['ExternalIP', '192.0.2.1']),
      node('node-1', { labels: { 'nats.io/node-external-ip': '192.0.2.2' } }, ['InternalIP', '10.0.0.2']),
      node('node-2', {}, ['InternalIP', '10.0.0.3']),
    ]);
    const found = addressesByPod(pods, nodes);
    expect([...found.values()]).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(found.has(pods[2]!.metadata.name)).toBe(false);
  });

  const externalAddresses = new Map(pods.slice(0, 2).map(({ metadata }) => [metadata.name, '192.0.2.1']));

  it('is told to pods that do not know it, so that their kubelet looks', () => {
    const told = pods.map((pod) => ({
      ...pod,
      metadata: {
        ...pod.metadata,
        annotations: { ...pod.metadata.annotations, [externalAddressAnnotation]: '192.0.2.1' },
      },
    }));
    const all = new Map(pods.map(({ metadata }) => [metadata.name, '192.0.2.1']));
    const [first, ...others] = told;
    const view = (some: typeof pods) => aView({ pods: some, wanted: aWanted({ externalAddresses: all }) });
    expect(actionsOf(tellAddresses(view([pods[0]!, ...others])))).toEqual(['relabel pod-0']);
    expect(tellAddresses(view([first!, ...others]))).toEqual([]);
  });

  it('is missed where the node has none, with what to do about it', () => {
    const steps = tellAddresses(aView({ pods, wanted: aWanted({ externalAddresses }) }));
    expect(sentencesOf(steps.filter(({ topic }) => topic === 'Degraded'))).toEqual([
      'spec.pod.advertiseExternalIP: nats-2 cannot start, as its node node-2 has no ExternalIP: ' +
        'label the node with nats.io/node-external-ip=<address>, or remove the field',
    ]);
  });

  it('is nobody’s business where the spec does not ask for it', () => {
    expect(tellAddresses(aView({ pods }))).toEqual([]);
  });
});
