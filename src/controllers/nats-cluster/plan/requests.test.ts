import { requestAnnotations } from '../../../resources/nats-cluster/requests';
import { awayFromAnnotation, streamsOfAnnotation } from '../../../templates/names';
import { deniedAnnotation, recordOfDenied } from './denied';
import { aJetStreamView, aReplica } from './jetstream/makers';
import {
  actionsOf,
  aMesh,
  aNode,
  anUnreadyPod,
  aReadyPod,
  aSituation,
  aStored,
  aView,
  aWaitingPod,
  aWanted,
  planned,
  sentencesOf,
} from './makers';
import { tellHinderedMoves, volumesToRead } from './move-away';
import {
  handledStepDown,
  stepDownHandledBy,
  stepDownOnRequest,
  steppedDownAnnotation,
  tellRequests,
} from './on-request';
import { planCluster } from './plan';
import { rollMembers } from './roll-members';
import { type NewClaim, type Pod, type Situation, type Volume } from './situation';

const { restart, stepDownMetaLeader, moveAwayFrom, paused } = requestAnnotations;

function asked(annotations: Record<string, string>, pods?: Pod[]): Situation {
  const situation = aSituation({ metadata: { annotations }, ...(pods && { pods }) });
  return { ...situation, servers: aMesh(situation.pods) };
}

const sentences = (situation: Situation) => sentencesOf(planCluster(situation).steps);
const actions = (situation: Situation) => actionsOf(planCluster(situation).steps);

describe('a restart by annotation', () => {
  it('takes one member at a time, as any roll', () => {
    expect(actions(asked({ [restart]: 'now' }))).toEqual(['delete pod-2']);
    expect(sentences(asked({ [restart]: 'now' }))).toEqual([
      'nats-2 is restarted as nats.io/restart asks; the other 2 members are ready and the routes are whole',
    ]);
  });

  it('goes on with those that were not made since, and then is done', () => {
    const done = (ordinal: number) => aReadyPod(ordinal, { annotations: { [restart]: 'now' } });
    expect(actions(asked({ [restart]: 'now' }, [aReadyPod(0), done(1), done(2)]))).toEqual(['delete pod-0']);
    expect(actions(asked({ [restart]: 'now' }, [done(0), done(1), done(2)]))).toEqual([]);
    expect(actions(asked({ [restart]: 'later' }, [done(0), done(1), done(2)]))).toEqual(['delete pod-2']);
  });

  it('waits until the others are ready', () => {
    const pods = [aReadyPod(0), aReadyPod(1), anUnreadyPod(2, { annotations: { [restart]: 'now' } })];
    expect(actions(asked({ [restart]: 'now' }, pods))).toEqual([]);
    expect(sentences(asked({ [restart]: 'now' }, pods))).toContain(
      '2 of 3 members are to be made again: the next one waits until nats-2 is ready',
    );
  });

  it('is not taken back by taking the annotation away', () => {
    const pods = [0, 1, 2].map((ordinal) => aReadyPod(ordinal, { annotations: { [restart]: 'now' } }));
    expect(actions(asked({}, pods))).toEqual([]);
  });
});

describe('a move away from nodes by annotation', () => {
  it('makes the members on them again one at a time, and leaves the others', () => {
    const situation = asked({ [moveAwayFrom]: 'node-0,node-1' });
    expect(actions(situation)).toEqual(['delete pod-1']);
    expect(sentences(situation)[0]).toMatch(/^nats-1 moves away from node-1; /);
  });

  it('is done when nobody is left on them', () => {
    const pods = [0, 1, 2].map((ordinal) => aReadyPod(ordinal, { node: `node-${ordinal + 3}` }));
    expect(actions(asked({ [moveAwayFrom]: 'node-0,node-1,node-2' }, pods))).toEqual([]);
  });

  it('lets a member that found no other node have the old one when it is taken back', () => {
    const annotations = { [awayFromAnnotation]: 'node-1' };
    const stuck = aWaitingPod(1, '', { annotations, status: { containerStatuses: [] } });
    const homeless: Pod = { ...stuck, spec: { ...stuck.spec, nodeName: undefined } };
    expect(actions(asked({ [moveAwayFrom]: 'node-1' }, [aReadyPod(0), homeless, aReadyPod(2)]))).toEqual([]);
    expect(actions(asked({}, [aReadyPod(0), homeless, aReadyPod(2)]))).toEqual(['delete pod-1']);
  });

  const claimed = (ordinal: number): NewClaim => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `nats-${ordinal}`, namespace: 'default' },
  });
  const claim = (ordinal: number) => ({
    ...aStored('PersistentVolumeClaim', `nats-${ordinal}`, { labels: { nats_cluster: 'nats' } }),
    spec: { volumeName: `volume-${ordinal}` },
    status: { phase: 'Bound' },
  });
  const volumeOn = (values: string[], key = 'kubernetes.io/hostname'): Volume => ({
    spec: {
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values }] }] } },
    },
  });
  const withClaims = (volumes: Situation['volumes']) =>
    aView({
      metadata: { annotations: { [moveAwayFrom]: 'node-1' } },
      wanted: aWanted({ claim: claimed }),
      objects: [0, 1, 2].map(claim),
      volumes,
    });

  it.each([
    ['exists there only', volumeOn(['node-1'])],
    ['exists there only, as another driver says it', volumeOn(['node-1'], 'topology.example.com/node')],
  ])('is refused where the volume %s, with the cure', (_, volume) => {
    const view = withClaims(new Map([['volume-1', volume]]));
    expect(rollMembers(view)).toEqual([]);
    expect(sentencesOf(tellHinderedMoves(view))).toEqual([
      'nats-1 stays on node-1: its volume volume-1 exists on that node only. Where all streams have replicas elsewhere, give this copy up (kubectl delete pvc -n default nats-1, then delete its pod), and it is made again from them on another node',
    ]);
  });

  it.each([
    ['can be reached from others too', volumeOn(['node-1', 'node-2'])],
    ['is bound to a zone', volumeOn(['zone-a'], 'topology.kubernetes.io/zone')],
    ['can be reached from everywhere', {}],
  ])('takes a volume along that %s', (_, volume) => {
    const view = withClaims(new Map([['volume-1', volume]]));
    expect(actionsOf(rollMembers(view))).toEqual(['delete pod-1']);
    expect(tellHinderedMoves(view)).toEqual([]);
  });

  it('knows a node by its host name label too', () => {
    const [name, node] = aNode('node-1');
    const labels = { 'kubernetes.io/hostname': 'host-1' };
    const view = withClaims(new Map([['volume-1', volumeOn(['host-1'])]]));
    const nodes = new Map([[name, { ...node, metadata: { ...node.metadata, labels } }]]);
    expect(tellHinderedMoves({ ...view, nodes })).toHaveLength(1);
  });

  it('is refused where the operator may not look at the volume', () => {
    const view = withClaims(undefined);
    expect(rollMembers(view)).toEqual([]);
    expect(sentencesOf(tellHinderedMoves(view))).toEqual([
      'nats-1 stays on node-1: the operator may not look at volume volume-1, which may exist on that node only: let it get persistentvolumes by a ClusterRole, or take annotation nats.io/move-away-from away',
    ]);
  });

  it('reads the volumes of those members only that are to move', () => {
    expect(volumesToRead(withClaims(undefined))).toEqual(['volume-1']);
    expect(volumesToRead(aView({ wanted: aWanted({ claim: claimed }), objects: [claim(0)] }))).toEqual([]);
  });
});

describe('a step down of the meta leader by annotation', () => {
  type Changes = { pods?: Pod[]; status?: object; leader?: number | null; size?: number };
  const view = ({ pods, status, ...changes }: Changes = {}, token = 'once') =>
    aJetStreamView({
      ...changes,
      situation: { metadata: { annotations: { [stepDownMetaLeader]: token } }, status, ...(pods && { pods }) },
    });
  const noted = (ordinal: number, more: Record<string, string> = {}) =>
    aReadyPod(ordinal, {
      annotations: { [steppedDownAnnotation]: 'once', [streamsOfAnnotation]: 'cluster', ...more },
    });
  const pods = [noted(0), aReadyPod(1), aReadyPod(2)];

  it('asks the leader, and notes on its pod that it did', () => {
    const steps = stepDownOnRequest(view());
    expect(steps).toMatchObject([
      {
        because: 'nats-0 steps down as meta leader, as nats.io/step-down-meta-leader asks',
        actions: [
          { do: 'command', command: { kind: 'stepDownMetaLeader' }, note: { [steppedDownAnnotation]: 'once' } },
        ],
      },
    ]);
    expect(actionsOf(steps)).toEqual(['let another server lead the meta group at pod-0']);
  });

  it('is done once, whoever leads then, and is kept in the status when the pod goes', () => {
    expect(stepDownOnRequest(view({ pods, leader: 1 }))).toEqual([]);
    expect(handledStepDown(view({ pods }))).toBe('once');
    expect(stepDownOnRequest(view({ status: { metaLeaderStepDown: 'once' } }))).toEqual([]);
    expect(handledStepDown(view({ status: { metaLeaderStepDown: 'once' } }))).toBe('once');
  });

  it('is in the status as soon as it was asked for, as the pod that says so may go at any time', () => {
    expect(stepDownHandledBy(stepDownOnRequest(view()), view())).toBe('once');
    expect(stepDownHandledBy([], view())).toBeUndefined();
    expect(stepDownHandledBy([], view({ pods }))).toBe('once');
  });

  it('is done again for a new value', () => {
    expect(stepDownOnRequest(view({ pods, status: { metaLeaderStepDown: 'once' } }, 'twice'))).toHaveLength(1);
  });

  it('waits until there is a leader, and somebody who could follow', () => {
    expect(stepDownOnRequest(view({ leader: null }))).toEqual([]);
    const peers = [aReplica(1, { current: false }), aReplica(2, { offline: true })];
    const metadata = { annotations: { [stepDownMetaLeader]: 'once' } };
    expect(stepDownOnRequest(aJetStreamView({ peers, situation: { metadata } }))).toEqual([]);
  });

  it('is told of where the servers denied it', () => {
    const record = recordOfDenied({ kind: 'stepDownMetaLeader' }, { denial: 'refused', words: 'no' });
    const steps = tellRequests(view({ pods: [noted(0, { [deniedAnnotation]: record }), aReadyPod(1), aReadyPod(2)] }));
    expect(sentencesOf(steps)).toEqual(['the meta leader did not step down as asked: no']);
  });

  it('is nothing for a cluster without JetStream', () => {
    expect(actions(asked({ [stepDownMetaLeader]: 'once' }))).toEqual([]);
  });
});

describe('a pause by annotation', () => {
  it('is told of by its name', () => {
    const situation = aSituation({
      metadata: { annotations: { [paused]: 'true' } },
      wanted: aWanted({ paused: true }),
    });
    expect(sentences(situation)).toEqual([
      'annotation nats.io/paused is true: nothing is created, changed or deleted until it is false',
    ]);
    expect(planned({ pods: [], wanted: aWanted({ paused: true }) })).toEqual([]);
  });

  it('with a value that means nothing is told of', () => {
    expect(sentences(asked({ [paused]: 'yes' }))).toEqual([
      'annotation nats.io/paused: "yes" means nothing: it must be "true" or "false"',
    ]);
  });
});
