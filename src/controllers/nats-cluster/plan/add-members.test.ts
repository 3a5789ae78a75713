import { addMembers } from './add-members';
import { actionsOf, ago, aNode, aReadyPod, aView, aWaitingPod, aWanted, sentencesOf } from './makers';
import { podName } from './pod-name';

const nodes = new Map([aNode('node-0'), aNode('node-1'), aNode('node-2', 30)]);

describe('adding members', () => {
  it('makes all at once', () => {
    const steps = addMembers(aView({ pods: [] }));
    expect(actionsOf(steps)).toEqual(['create member 0', 'create member 1', 'create member 2']);
    expect(sentencesOf(steps)).toEqual(['nats-0, nats-1 and nats-2 had no pod and get one']);
  });

  it('makes only those that are missing', () => {
    expect(actionsOf(addMembers(aView({ pods: [aReadyPod(0), aWaitingPod(2, 'ContainerCreating')] })))).toEqual([
      'create member 1',
    ]);
  });

  it('does nothing where each member has a pod', () => {
    expect(addMembers(aView())).toEqual([]);
  });

  it('makes a member again at once that failed or was evicted', () => {
    const pods = [aReadyPod(0), aReadyPod(1), aReadyPod(2, { status: { phase: 'Failed' } })];
    expect(actionsOf(addMembers(aView({ pods })))).toEqual(['create member 2']);
  });

  it('waits until a pod that stops is gone', () => {
    const steps = addMembers(aView({ pods: [aReadyPod(0), aReadyPod(1), aReadyPod(2, { deleted: ago(-30) })] }));
    expect(actionsOf(steps)).toEqual([]);
    expect(sentencesOf(steps)).toEqual(['nats-2 is stopping and will be made again']);
  });

  it('makes a member of a lost node again elsewhere', () => {
    const steps = addMembers(aView({ nodes }));
    expect(actionsOf(steps)).toEqual(['create member 2']);
    expect(sentencesOf(steps)).toEqual(['nats-2 is made again elsewhere: node node-2 is not ready']);
  });

  it('does not wait for a pod that stops on a lost node', () => {
    const pods = [aReadyPod(0), aReadyPod(1), aReadyPod(2, { deleted: ago(-30) })];
    expect(actionsOf(addMembers(aView({ nodes, pods })))).toEqual(['create member 2']);
  });

  it('does not wait for a pod that hangs while it stops', () => {
    const steps = addMembers(aView({ pods: [aReadyPod(0), aReadyPod(1), aReadyPod(2, { deleted: ago(60) })] }));
    expect(actionsOf(steps)).toEqual(['create member 2']);
    expect(sentencesOf(steps)).toEqual(['nats-2 is made again elsewhere: pod nats-pod-2 hangs while it stops']);
  });

  it('makes no second replacement for a lost member', () => {
    const pods = [
      aReadyPod(0),
      aReadyPod(1),
      aReadyPod(2),
      aWaitingPod(2, 'ContainerCreating', { node: 'node-1' }, 'new'),
    ];
    expect(addMembers(aView({ nodes, pods }))).toEqual([]);
  });

  it('never makes a lost member with data again, whose old server may still write', () => {
    const steps = addMembers(aView({ nodes, wanted: aWanted({ storage: true }) }));
    expect(actionsOf(steps)).toEqual([]);
    expect(sentencesOf(steps)).toEqual([
      'nats-2 waits until its old pod is surely gone, which may use its data: node node-2 is not ready',
    ]);
  });
});

describe('the name of a pod', () => {
  const cluster = { name: 'nats', uid: 'cluster-uid' };
  const before = { pods: ['a', 'b'], last: undefined };

  it('is the cluster and ten lower-case letters or digits', () => {
    for (let ordinal = 0; ordinal < 200; ordinal++) {
      expect(podName(cluster, ordinal, before)).toMatch(/^nats-[a-z0-9]{10}$/);
    }
  });

  it('is the same for the same decision', () => {
    expect(podName(cluster, 0, before)).toBe(podName(cluster, 0, { pods: ['b', 'a'], last: undefined }));
  });

  it('differs by cluster, member, the pods that are there and the last one', () => {
    const names = [
      podName(cluster, 0, before),
      podName({ ...cluster, uid: 'other' }, 0, before),
      podName(cluster, 1, before),
      podName(cluster, 0, { ...before, pods: ['a'] }),
      podName(cluster, 0, { ...before, last: 'nats-aaaaaaaaaa' }),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  it('is not used again for the replacement of a pod that is gone', () => {
    const first = aView({ pods: [] });
    const second = aView({ pods: [], status: { members: [{ name: 'nats-0', pod: nameOf(first), ready: true }] } });
    expect(nameOf(second)).not.toBe(nameOf(first));
  });
});

function nameOf(view: ReturnType<typeof aView>): string {
  const [action] = addMembers(view).flatMap((step) => step.actions);
  return action?.object.metadata.name ?? '';
}
