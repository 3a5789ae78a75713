import { clearAway } from './clear-away';
import { actionsOf, ago, aNode, aReadyPod, aView, aWaitingPod, anUnreadyPod, planned, sentencesOf } from './makers';

const lostNode = new Map([aNode('node-0', 30), aNode('node-1'), aNode('node-2')]);

describe('clearing away', () => {
  it('touches nothing in a cluster that is well', () => {
    expect(clearAway(aView())).toEqual([]);
  });

  it.each(['Failed', 'Succeeded'])('removes a pod of phase %s', (phase) => {
    expect(actionsOf(clearAway(aView({ pods: [aReadyPod(0, { status: { phase } })] })))).toEqual(['delete pod-0']);
  });

  it('leaves a pod that ended at once for a moment, and makes no other meanwhile: the next may end too', () => {
    const young = aReadyPod(0, { status: { phase: 'Failed' } });
    const pods = [{ ...young, metadata: { ...young.metadata, creationTimestamp: ago(4) } }, aReadyPod(1), aReadyPod(2)];
    const steps = clearAway(aView({ pods }));
    expect(steps).toMatchObject([{ actions: [], again: 6 }]);
    expect(sentencesOf(steps)).toEqual(['pod nats-pod-0 of nats-0 failed at once and is replaced in a moment']);
    expect(planned({ pods })).toEqual([]);
  });

  it('removes it only once', () => {
    expect(clearAway(aView({ pods: [aReadyPod(0, { status: { phase: 'Failed' }, deleted: ago(0) })] }))).toEqual([]);
  });

  it('forgets a pod whose node is gone, for which no kubelet will answer', () => {
    const steps = clearAway(aView({ pods: [aReadyPod(0, { deleted: ago(0) })], nodes: new Map() }));
    expect(actionsOf(steps)).toEqual(['forget pod-0']);
    expect(sentencesOf(steps)).toEqual(['pod nats-pod-0 of nats-0 is forgotten: node node-0 is gone']);
  });

  it('leaves the pod of a lost node alone until its member serves elsewhere', () => {
    const old = aReadyPod(0, {}, 'pod-old');
    const starting = aWaitingPod(0, 'ContainerCreating', { node: 'node-1' }, 'pod-new');
    const ready = aReadyPod(0, { node: 'node-1' }, 'pod-new');
    expect(clearAway(aView({ nodes: lostNode, pods: [old] }))).toEqual([]);
    expect(clearAway(aView({ nodes: lostNode, pods: [old, starting] }))).toEqual([]);
    expect(actionsOf(clearAway(aView({ nodes: lostNode, pods: [old, ready] })))).toEqual(['delete pod-old']);
  });

  it('keeps the pod that serves where the node of a replaced one is back', () => {
    const old = aReadyPod(0, {}, 'pod-old');
    const starting = aWaitingPod(0, 'ContainerCreating', { node: 'node-1' }, 'pod-new');
    const steps = clearAway(aView({ pods: [old, starting] }));
    expect(actionsOf(steps)).toEqual(['delete pod-new']);
    expect(sentencesOf(steps)).toEqual(['pod nats-pod-new of nats-0 is removed: pod nats-pod-old took its place']);
  });

  it('removes one of two pods of a member where none serves', () => {
    const pods = [anUnreadyPod(0, {}, 'pod-old'), aWaitingPod(0, 'ContainerCreating', {}, 'pod-new')];
    expect(actionsOf(clearAway(aView({ pods })))).toEqual(['delete pod-new']);
  });
});
