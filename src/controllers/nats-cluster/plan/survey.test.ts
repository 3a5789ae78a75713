import { aNode, aReadyPod, aSituation, aWaitingPod, anUnreadyPod, aView, ago, noon } from './makers';
import { type Pod } from './situation';
import { survey } from './survey';

function stateOf(pod: Pod, nodes = new Map([aNode('node-0')])): string | undefined {
  return survey(aSituation({ pods: [pod], nodes })).members[0]?.pods[0]?.state;
}

describe('the state of a pod', () => {
  it.each([
    ['ready', 'serves', aReadyPod(0)],
    ['unready', 'runs and does not serve', anUnreadyPod(0)],
    ['starting', 'waits for its image', aWaitingPod(0, 'ImagePullBackOff')],
    ['starting', 'has no node yet', aWaitingPod(0, '', { node: '' })],
    ['leaving', 'is asked to go', aReadyPod(0, { deleted: ago(-30) })],
    ['leaving', 'should be gone since a moment', aReadyPod(0, { deleted: ago(59) })],
    ['lost', 'should be gone since a minute', aReadyPod(0, { deleted: ago(60) })],
    ['ended', 'was evicted', aReadyPod(0, { status: { phase: 'Failed' } })],
    ['ended', 'failed and is asked to go', aReadyPod(0, { status: { phase: 'Failed' }, deleted: ago(0) })],
  ])('is %s where it %s', (state, _, pod) => {
    expect(stateOf(pod)).toBe(state);
  });

  it('is lost where its node is not ready for 20 seconds', () => {
    expect(stateOf(aReadyPod(0), new Map([aNode('node-0', 19)]))).toBe('ready');
    expect(stateOf(aReadyPod(0), new Map([aNode('node-0', 20)]))).toBe('lost');
  });

  it('is lost where it was asked to go and its node is not ready', () => {
    expect(stateOf(aReadyPod(0, { deleted: ago(-30) }), new Map([aNode('node-0', 20)]))).toBe('lost');
  });

  it('is stranded where its node is gone', () => {
    expect(stateOf(aReadyPod(0), new Map())).toBe('stranded');
  });

  it('is not stranded where it was just put on a node that is not known yet', () => {
    const conditions = [{ type: 'PodScheduled', status: 'True', lastTransitionTime: ago(5) }];
    expect(stateOf(aWaitingPod(0, 'ContainerCreating', { status: { conditions } }), new Map())).toBe('starting');
  });

  it('does not count as ready on a node that is not known, whatever it said last', () => {
    const conditions = ['PodScheduled', 'Ready'].map((type) => ({ type, status: 'True', lastTransitionTime: ago(5) }));
    expect(stateOf(aReadyPod(0, { status: { conditions } }), new Map())).toBe('unready');
  });

  it('is stranded where an administrator says that the node is off', () => {
    const [name, node] = aNode('node-0', 5);
    const spec = { taints: [{ key: 'node.kubernetes.io/out-of-service' }] };
    expect(stateOf(aReadyPod(0), new Map([[name, { ...node, spec }]]))).toBe('stranded');
    const [, alive] = aNode('node-0');
    expect(stateOf(aReadyPod(0), new Map([[name, { ...alive, spec }]]))).toBe('ready');
  });
});

describe('the survey', () => {
  it('asks to look again when a node that is not ready will be given up', () => {
    expect(aView({ nodes: new Map([aNode('node-0', 5), aNode('node-1'), aNode('node-2')]) }).again).toBe(15);
  });

  it('asks to look again when a pod that stops will be given up, or its node', () => {
    const pods = [aReadyPod(0, { deleted: ago(-30) })];
    expect(aView({ pods }).again).toBe(90);
    expect(aView({ pods, nodes: new Map([aNode('node-0', 5)]) }).again).toBe(15);
  });

  it('knows a member for each ordinal, with and without a pod', () => {
    const { members } = aView({ pods: [aReadyPod(1)] });
    expect(members.map(({ name, pod }) => [name, pod?.pod.metadata.uid])).toEqual([
      ['nats-0', undefined],
      ['nats-1', 'pod-1'],
      ['nats-2', undefined],
    ]);
  });

  it('counts the members of a spec that is not valid too, whether its size can be read or not', () => {
    const sizeOf = (spec: unknown, ...ordinals: number[]) => {
      const seen = aSituation({ wanted: undefined, pods: ordinals.map((ordinal) => aReadyPod(ordinal)) });
      return survey({ ...seen, cluster: { ...seen.cluster, spec } }).members.length;
    };
    expect(sizeOf({ size: 3, version: 'latest' }, 1, 2)).toBe(3);
    expect(sizeOf({ size: 'many' }, 1, 4)).toBe(5);
  });

  it('knows which members are beyond the wanted size', () => {
    const { surplus } = aView({ pods: [4, 0, 3].map((ordinal) => aReadyPod(ordinal)) });
    expect(surplus.map(({ ordinal }) => ordinal)).toEqual([3, 4]);
  });

  it('leaves out pods that somebody else made', () => {
    const { members } = aView({ pods: [aReadyPod(0, { owner: 'other' })] });
    expect(members[0]?.pods).toEqual([]);
  });

  it('leaves out pods that are no member', () => {
    const pod = aReadyPod(0, { labels: { 'nats.io/member': 'x' } });
    const { members, surplus } = aView({ pods: [pod] });
    expect([...members, ...surplus].flatMap(({ pods }) => pods)).toEqual([]);
  });

  it('counts the pod that serves, of two of one member', () => {
    const { members } = aView({ pods: [anUnreadyPod(0, {}, 'new'), aReadyPod(0, { version: '1.0.4' }, 'old')] });
    expect(members[0]?.pod?.pod.metadata.uid).toBe('old');
  });

  it('counts the pod that is as wanted, of two that serve', () => {
    const { members } = aView({ pods: [aReadyPod(0, { version: '1.0.4' }, 'old'), aReadyPod(0, {}, 'new')] });
    expect(members[0]?.pod?.pod.metadata.uid).toBe('new');
  });

  it('is the same in whatever order the pods come', () => {
    const pods = [aReadyPod(0, {}, 'a'), aReadyPod(0, {}, 'b')];
    const first = survey(aSituation({ now: noon, pods })).members[0]?.pod;
    const second = survey(aSituation({ now: noon, pods: [...pods].reverse() })).members[0]?.pod;
    expect(first).toEqual(second);
  });
});
