import { type NewObject, type StoredObject } from '../../../../kubernetes/object';
import { applyObjects } from '../apply-objects';
import { actionsOf, ago, anUnreadyPod, aReadyPod, aStored, aWanted, sentencesOf } from '../makers';
import { aJetStreamView, aReplica, aStream } from './makers';

type Changes = NonNullable<Parameters<typeof aJetStreamView>[0]>;

const name = 'nats';
const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name },
  spec: { maxUnavailable: 1 },
};
const open: StoredObject = {
  ...aStored('PodDisruptionBudget', name),
  ...{ apiVersion: 'policy/v1', spec: { maxUnavailable: 1 } },
};
const closed: StoredObject = { ...open, ...{ spec: { minAvailable: 3 } } };

const sinceSeconds = (seconds: number) => ({
  conditions: [{ type: 'JetStreamHealthy', status: 'False', lastTransitionTime: ago(seconds) }],
});

function steps(live: StoredObject, { situation, ...changes }: Changes = {}, wanted = aWanted({ jetStream: true })) {
  const objects = [budget] as NewObject[];
  const view = { ...situation, wanted: { ...wanted, objects }, objects: [live] };
  return applyObjects(aJetStreamView({ ...changes, situation: view }));
}

function written(...args: Parameters<typeof steps>) {
  const [action] = steps(...args).flatMap(({ actions }) => actions);
  return action?.do === 'apply' ? (action.object as unknown as { spec: object }).spec : undefined;
}

const behind = { groups: [aStream('ORDERS', [0, 1], { replicas: [aReplica(1, { current: false })] })] };
const away = { situation: { pods: [aReadyPod(0), aReadyPod(1), anUnreadyPod(2)] } };

describe('the budget of a cluster with JetStream', () => {
  it('is left as it is while all is well', () => {
    expect(steps(open)).toEqual([]);
  });

  it('is closed as soon as a member is away, so that it is not open when its pod is ready and its replicas are behind', () => {
    expect(written(open, away)).toEqual({ minAvailable: 3 });
    expect(sentencesOf(steps(open, away))).toEqual([
      'PodDisruptionBudget nats lets nobody be drained, as nats-2 is not ready, and what is kept there has fewer replicas',
    ]);
  });

  it.each([
    ['a member is away', away],
    ['a replica is behind', behind],
    ['nobody leads', { leader: null }],
    ['it is not known how JetStream is', { silent: [1] }],
  ])('stays closed while %s', (_, changes) => {
    expect(steps(closed, changes)).toEqual([]);
  });

  it('is opened when all is well again', () => {
    expect(written(closed)).toEqual({ maxUnavailable: 1 });
    expect(sentencesOf(steps(closed))).toEqual(['PodDisruptionBudget nats is as the spec has it']);
  });

  it('is not closed for what is over in a moment, only for what lasts', () => {
    expect(steps(open, behind)).toEqual([]);
    expect(steps(open, { ...behind, situation: { status: sinceSeconds(5) } })).toEqual([]);
    expect(written(open, { ...behind, situation: { status: sinceSeconds(10) } })).toEqual({ minAvailable: 3 });
  });

  it('is not closed because a server does not answer', () => {
    expect(steps(open, { silent: [1] })).toEqual([]);
  });

  it.each([
    ['a server is not in the meta group', { peers: [aReplica(1)] }],
    ['a server that left is still counted', { peers: [aReplica(1), aReplica(2), aReplica(3, { offline: true })] }],
    ['JetStream of a server is off', { reports: { 1: { enabled: false } } }],
  ])('is closed at once while %s', (_, changes) => {
    expect(written(open, changes)).toEqual({ minAvailable: 3 });
  });

  it('is closed from before the first member of a roll goes until the last one is back and current', () => {
    expect(written(open, { runs: '2.14.9' })).toEqual({ minAvailable: 3 });
    expect(sentencesOf(steps(open, { runs: '2.14.9' }))).toEqual([
      'PodDisruptionBudget nats lets nobody be drained, as members are about to go',
    ]);
  });

  it('is closed for all there are while members leave, as Kubernetes would let those go that are beyond the size', () => {
    expect(written(open, { running: 5 })).toEqual({ minAvailable: 5 });
    expect(written({ ...closed, ...{ spec: { minAvailable: 5 } } }, { running: 4 })).toBeUndefined();
  });

  it('is of no concern to a cluster without JetStream', () => {
    expect(steps(open, away, aWanted())).toEqual([]);
    expect(actionsOf(steps(open, behind, aWanted()))).toEqual([]);
  });
});
