import { requestAnnotations } from '../../../resources/nats-cluster/requests';
import { streamsOfAnnotation } from '../../../templates/names';
import { statusOf } from '../status';
import { aJetStreamView, aPodWithJetStream, aReplica } from './jetstream/makers';
import { actionsOf, ago, aNode, anUnreadyPod, aReadyPod, aStored, aWaitingPod, aWanted, sentencesOf } from './makers';
import { planCluster } from './plan';
import { type Claim, type NewClaim } from './situation';
import { type View } from './survey';

const access = { credentials: [{ user: 'u', password: 'p' }] };
const wanted = (changes: object = {}) => aWanted({ jetStream: true, storage: true, access, ...changes });
const nodesDown = new Map([aNode('node-0'), aNode('node-1', 100), aNode('node-2', 100)]);
const everything = { [requestAnnotations.restart]: 'now', [requestAnnotations.stepDownMetaLeader]: 'now' };

/** What is done, and what is told of JetStream. */
function outcome(view: View) {
  const plan = planCluster(view);
  const healthy = statusOf(plan).conditions?.find(({ type }) => type === 'JetStreamHealthy');
  return { actions: actionsOf(plan.steps), sentences: sentencesOf(plan.steps), healthy, again: plan.again };
}

describe('two of three nodes that are down', () => {
  const pods = [0, 1, 2].map((ordinal) => aPodWithJetStream(ordinal, { node: `node-${ordinal}` }));
  const down = (changes: object = {}) =>
    aJetStreamView({ leader: null, situation: { pods, nodes: nodesDown, wanted: wanted(), ...changes } });

  it.each([
    ['nobody asks for anything', {}],
    ['an upgrade is asked for', { wanted: wanted({ version: '2.16.0' }) }],
    ['a restart and a step down are asked for', { metadata: { annotations: everything } }],
    ['a change that needs a restart is asked for', { wanted: wanted({ restartHash: 'other' }) }],
    ['the cluster is to shrink', { wanted: wanted({ size: 2 }) }],
  ])('make the operator wait and touch nothing where %s', (_, changes) => {
    expect(outcome(down(changes)).actions).toEqual([]);
  });

  it('are left alone from the first moment on: their pods do not serve, and are of an older spec', () => {
    const silent = [
      aPodWithJetStream(0),
      ...[1, 2].map((ordinal) => anUnreadyPod(ordinal, { annotations: { [streamsOfAnnotation]: 'cluster' } })),
    ];
    const upgrade = (nodes: View['nodes']) =>
      outcome(down({ pods: silent, nodes, wanted: wanted({ version: '2.16.0' }) })).actions;
    expect(upgrade(new Map([aNode('node-0'), aNode('node-1', 5), aNode('node-2', 5)]))).toEqual([]);
    // those of nodes that answer are made again: it is how a version that is no good is taken back
    expect(upgrade(new Map([0, 1, 2].map((number) => aNode(`node-${number}`))))).toEqual(['delete pod-2']);
  });

  it('are left alone too by an operator that may not read nodes, as the API server says of their pods that they are not ready, and a kubelet that they are', () => {
    const conditions = (containers: string, reason?: string) => [
      { type: 'Ready', status: 'False', lastTransitionTime: ago(30), reason },
      { type: 'ContainersReady', status: containers, lastTransitionTime: ago(900) },
    ];
    const upgrade = (...[containers, reason]: Parameters<typeof conditions>) => {
      const silent = [1, 2].map((ordinal) =>
        anUnreadyPod(ordinal, {
          annotations: { [streamsOfAnnotation]: 'cluster' },
          status: { conditions: conditions(containers, reason) },
        }),
      );
      const changes = { nodes: undefined, wanted: wanted({ version: '2.16.0' }) };
      return outcome(down({ pods: [aPodWithJetStream(0), ...silent], ...changes })).actions;
    };
    expect(upgrade('True')).toEqual([]);
    // those of which their kubelets say that they do not serve are made again
    expect(upgrade('False', 'ContainersNotReady')).toEqual(['delete pod-2']);
    expect(upgrade('True', 'ReadinessGatesNotReady')).toEqual(['delete pod-2']);
  });

  it('are what is waited for, by name, and are looked at again', () => {
    const { healthy, sentences, again } = outcome(down());
    expect(healthy).toMatchObject({
      status: 'False',
      reason: 'QuorumLost',
      message: 'JetStream has no majority: nats-0 of 3 servers is up, and it waits for nats-1 and nats-2',
    });
    expect(sentences).toContain(
      'nats-1 waits until its old pod is surely gone, which may use its data: node node-1 is not ready',
    );
    expect(again).toBeLessThanOrEqual(5);
  });

  it('are no longer in the way of an upgrade when they return', () => {
    const back = { nodes: new Map([0, 1, 2].map((number) => aNode(`node-${number}`))) };
    const view = aJetStreamView({ situation: { pods, ...back, wanted: wanted({ version: '2.16.0' }) } });
    expect(outcome(view).actions).toEqual(['delete pod-2']);
  });
});

describe('a server that turned JetStream off, as its disk is full', () => {
  const off = { reports: { 1: { enabled: false } } };

  it.each([
    ['an upgrade is asked for', { ...off, situation: { wanted: wanted({ version: '2.16.0' }) } }],
    [
      'a restart is asked for',
      { ...off, situation: { wanted: wanted(), metadata: { annotations: { [requestAnnotations.restart]: 'x' } } } },
    ],
    [
      'a member is to leave',
      { ...off, running: 4, peers: [1, 2, 3].map((ordinal) => aReplica(ordinal)), situation: { wanted: wanted() } },
    ],
  ])('keeps the other members from being restarted or removed where %s', (_, changes) => {
    const { actions, healthy } = outcome(aJetStreamView(changes));
    expect(actions).toEqual([]);
    expect(healthy).toMatchObject({ status: 'False', reason: 'TurnedOff' });
    expect(healthy?.message).toContain('nats-1');
  });
});

describe('a claim that gets no volume', () => {
  const claim = (ordinal: number): NewClaim => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `nats-${ordinal}`, namespace: 'default', labels: { nats_cluster: 'nats' }, annotations: {} },
    spec: { storageClassName: 'fast' },
  });
  const stored = (ordinal: number, phase: string): Claim => ({
    ...aStored('PersistentVolumeClaim', `nats-${ordinal}`, {
      labels: { nats_cluster: 'nats' },
      creationTimestamp: ago(300),
      ownerReferences: [],
    }),
    spec: { storageClassName: 'fast' },
    status: { phase },
  });

  it('is told of with the cure, and keeps the others from being restarted', () => {
    const situation = {
      pods: [
        aReadyPod(0),
        aReadyPod(1),
        aWaitingPod(2, 'Pending', { version: '2.16.0', status: { containerStatuses: [] } }),
      ],
      objects: [stored(0, 'Bound'), stored(1, 'Bound'), stored(2, 'Pending')],
      storageClasses: new Map([['fast', null]]),
      wanted: wanted({ version: '2.16.0', claim }),
    };
    const { actions, sentences } = outcome(aJetStreamView({ situation }));
    expect(actions).toEqual([]);
    expect(sentences.join()).toMatch(
      /claim nats-2 waits for a volume since more than 60 s: there is no storage class fast: make it/,
    );
    expect(sentences.join()).toMatch(/the next one waits until nats-2 is ready/);
  });
});
