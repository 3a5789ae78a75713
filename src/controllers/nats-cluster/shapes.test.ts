import { type StoredObject } from '../../kubernetes/object';
import { nodeShape } from './node-shape';
import { addressesByPod } from './plan/external-addresses';
import { aReadyPod, noon } from './plan/makers';
import { isSameNode, judgePod } from './plan/pod-state';
import { type Node } from './plan/situation';
import { secretShape } from './user-secrets';

const metadata = {
  name: 'worker',
  namespace: 'default',
  uid: 'uid',
  resourceVersion: '7',
  creationTimestamp: new Date(noon).toISOString(),
};

describe('what is kept of a node', () => {
  const ready = { type: 'Ready', status: 'False', lastTransitionTime: new Date(noon - 60_000).toISOString() };
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...metadata, labels: { 'nats.io/node-external-ip': '192.0.2.1', 'kubernetes.io/os': 'linux' } },
    spec: { taints: [{ key: 'node.kubernetes.io/out-of-service' }], podCIDR: '10.0.0.0/24' },
    status: {
      conditions: [{ type: 'MemoryPressure', status: 'False' }, ready],
      addresses: [
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'ExternalIP', address: '192.0.2.2' },
      ],
      images: [{ names: ['nats'] }],
    },
  } as StoredObject & Node;

  it.each([
    ['lost', { ...node, spec: {} }],
    ['stranded', node],
    ['without an address in its status', { ...node, status: { conditions: [ready] } }],
  ])('is judged as the whole: a node that is %s', (_what, whole) => {
    const kept = nodeShape(whole);
    const pod = aReadyPod(0, { node: 'worker' });
    const [one, other] = [whole, kept].map((seen) => new Map([['worker', seen]]));
    expect(isSameNode(kept, whole)).toBe(true);
    expect(judgePod(pod, other, noon)).toEqual(judgePod(pod, one, noon));
    expect(addressesByPod([pod], other!)).toEqual(addressesByPod([pod], one!));
    expect(addressesByPod([pod], one!).size).toBe(1);
  });

  it('has the name by which volumes are bound to it', () => {
    const labels = { 'kubernetes.io/hostname': 'worker.example.com' };
    expect(nodeShape({ ...node, metadata: { ...metadata, labels } }).metadata.labels).toEqual(labels);
  });

  it('is a part of it', () => {
    expect(JSON.stringify(nodeShape(node))).not.toMatch(/images|podCIDR|MemoryPressure|InternalIP|linux/);
  });
});

describe('what is kept of a secret', () => {
  it('has nothing of its content, which kubectl apply leaves in an annotation', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"c2VjcmV0"}}' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, annotations } };
    expect(secretShape(secret)).toEqual({ apiVersion: 'v1', kind: 'Secret', metadata });
  });
});
