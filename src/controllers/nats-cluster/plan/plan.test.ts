import { aNode, aReadyPod, aSituation, aStored, aWaitingPod, aWanted, actionsOf, planned } from './makers';
import { decorationAnnotation, recordOf } from '../../../templates/decoration';
import { planCluster } from './plan';
import { type NewObject } from '../../../kubernetes/object';

const secret: NewObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nats' } };

describe('a plan', () => {
  it('has nothing to do and nothing to wait for where all is well', () => {
    const plan = planCluster(aSituation());
    expect(plan.steps).toEqual([]);
    expect(plan.again).toBeUndefined();
  });

  it('writes the config before the pods that need it', () => {
    const wanted = aWanted({ size: 2, objects: [secret] });
    expect(planned({ wanted, pods: [] })).toEqual(['apply Secret nats', 'create member 0', 'create member 1']);
  });

  it('stops an upgrade to an image that does not exist after the first member', () => {
    const pods = [aReadyPod(0), aReadyPod(1), aWaitingPod(2, 'ImagePullBackOff', { version: '9.9.9' })];
    const plan = planCluster(aSituation({ pods, wanted: aWanted({ version: '9.9.9' }) }));
    expect(actionsOf(plan.steps)).toEqual([]);
    expect(plan.steps.map(({ topic, reason }) => [topic, reason])).toEqual([
      ['Progressing', 'Rolling'],
      ['Degraded', 'ImagePullFailed'],
    ]);
  });

  it('takes such an upgrade back without touching the others', () => {
    const pods = [aReadyPod(0), aReadyPod(1), aWaitingPod(2, 'ImagePullBackOff', { version: '9.9.9' })];
    expect(planned({ pods })).toEqual(['delete pod-2']);
  });

  it('takes it back while a member beyond the wanted size waits for those that do not run', () => {
    const broken = [0, 1].map((ordinal) => aWaitingPod(ordinal, 'ImagePullBackOff', { version: '9.9.9' }));
    expect(planned({ pods: [...broken, aReadyPod(2)], wanted: aWanted({ size: 2 }) })).toEqual([
      'delete pod-0',
      'delete pod-1',
    ]);
  });

  it('keeps the labels of running pods as the spec has them', () => {
    const wanted = aWanted({ size: 1, decoration: { labels: { team: 'a' }, annotations: {} } });
    expect(planned({ wanted, pods: [aReadyPod(0)] })).toEqual(['relabel pod-0']);
  });

  it('looks again when the first of all waits is over', () => {
    const nodes = new Map([aNode('node-0', 8), aNode('node-1', 5), aNode('node-2')]);
    expect(planCluster(aSituation({ nodes })).again).toBe(12);
    const pods = [aReadyPod(0), aReadyPod(1), aReadyPod(2, { readyFor: 10 })];
    expect(planCluster(aSituation({ pods })).again).toBe(5); // to ask the server for its id
  });

  it('never touches pods of somebody else', () => {
    const stranger = aReadyPod(0, { owner: 'other', version: '1.0.4' }, 'pod-stranger');
    const plan = planCluster(aSituation({ pods: [stranger, ...[0, 1, 2].map((n) => aReadyPod(n))] }));
    expect(plan.steps).toEqual([]);
  });

  it('restores objects and rolls in the same breath, objects first', () => {
    const wanted = aWanted({ version: '2.16.0', objects: [secret] });
    expect(
      planned({
        wanted,
        objects: [aStored('Secret', 'nats', { ownerReferences: [], labels: { nats_cluster: 'nats' } })],
      }),
    ).toEqual(['apply Secret nats', 'delete pod-2']);
  });

  it('writes no object twice: a pod to be made again that has other labels gets them first', () => {
    const wanted = aWanted({ version: '2.16.0', decoration: { labels: { team: 'a' }, annotations: {} } });
    const labels = { team: 'a' };
    const decorated = { [decorationAnnotation]: recordOf(wanted.decoration) };
    expect(planned({ wanted })).toEqual(['relabel pod-0', 'relabel pod-1', 'relabel pod-2']);
    const pods = [0, 1, 2].map((ordinal) => aReadyPod(ordinal, { labels, annotations: decorated }));
    expect(planned({ wanted, pods })).toEqual(['delete pod-2']);
  });
});
