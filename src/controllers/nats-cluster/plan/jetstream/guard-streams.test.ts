import { streamsOfAnnotation } from '../../../../templates/names';
import { aClaim, wantedClaim } from '../claim-makers';
import { keepClaims } from '../claims';
import { actionsOf, aReadyPod, aWaitingPod, aWanted, sentencesOf } from '../makers';
import { planCluster } from '../plan';
import { guardStreams } from './guard-streams';
import { aJetStreamView, aPodWithJetStream, aStream } from './makers';

describe('streams of a single server that is to join others', () => {
  const used = (by: string) => aClaim(0, { metadata: { annotations: { [streamsOfAnnotation]: by } } });
  const claim = (ordinal: number) => wantedClaim(ordinal);
  const wanted = aWanted({ size: 3, jetStream: true, storage: true, claim });
  const single = { annotations: { [streamsOfAnnotation]: 'one-server' } };
  const pods = [aReadyPod(0, single)];

  it('stop the change, which would delete them', () => {
    const groups = [aStream('ORDERS', [0])];
    const steps = guardStreams(
      aJetStreamView({ running: 1, groups, situation: { wanted, pods, objects: [used('one-server')] } }),
    );
    expect(steps).toMatchObject([
      { topic: 'ConfigValid', because: expect.stringMatching(/^spec.size: stream ORDERS, /) as string },
    ]);
  });

  it('are not known before the server answers', () => {
    const situation = { wanted, pods, objects: [used('one-server')] };
    expect(guardStreams(aJetStreamView({ running: 1, silent: [0], situation }))).toMatchObject([
      { topic: 'Progressing', reason: 'GuardingStreams' },
    ]);
  });

  it('may be on a claim that was kept', () => {
    const situation = { wanted, objects: [used('one-server')], pods: [] };
    expect(guardStreams(aJetStreamView({ running: 0, situation }))).toMatchObject([{ topic: 'ConfigValid' }]);
  });

  it('do not exist where the server has none: then it joins', () => {
    expect(
      guardStreams(aJetStreamView({ running: 1, situation: { wanted, pods, objects: [used('one-server')] } })),
    ).toEqual([]);
  });

  it('are no matter on the claims of a cluster', () => {
    const groups = [aStream('ORDERS', [0])];
    expect(guardStreams(aJetStreamView({ groups, situation: { wanted, objects: [used('cluster')] } }))).toEqual([]);
  });

  it('do not hang on what the others hold or answer, who are as they should be', () => {
    const groups = [aStream('ORDERS', [1])];
    const three = [...pods, aPodWithJetStream(1), aPodWithJetStream(2)];
    const situation = { wanted, pods: three, objects: [used('one-server')] };
    expect(guardStreams(aJetStreamView({ groups, silent: [2], situation }))).toEqual([]);
  });
});

describe('streams of several servers of which a single one is to stay', () => {
  const shrink = { size: 1, running: 3 };
  const onTwo = { groups: [aStream('ORDERS', [2])] };

  it('stop the change without claims too', () => {
    const plan = planCluster(aJetStreamView({ ...shrink, ...onTwo }));
    expect(actionsOf(plan.steps)).toEqual([]);
    expect(sentencesOf(plan.steps)).toContainEqual(
      expect.stringMatching(/^spec.size: stream ORDERS, made with several servers, would be lost with size 1: /),
    );
  });

  it('stop it when the change is under way and the claim of the one that stays was written', () => {
    const claim = (ordinal: number) =>
      wantedClaim(ordinal, { metadata: { annotations: { [streamsOfAnnotation]: 'one-server' } } });
    const wanted = aWanted({ size: 1, jetStream: true, storage: true, claim, dropClaims: true });
    const objects = [aClaim(0, { metadata: claim(0).metadata }), aClaim(1), aClaim(2)];
    const view = aJetStreamView({ ...shrink, ...onTwo, situation: { wanted, objects } });
    expect(actionsOf(planCluster(view).steps)).toEqual([]);
  });

  it('may be on a member that does not answer', () => {
    expect(guardStreams(aJetStreamView({ ...shrink, silent: [2] }))).toMatchObject([{ reason: 'GuardingStreams' }]);
  });

  it('are none where no member has any: then the last one goes', () => {
    expect(actionsOf(planCluster(aJetStreamView(shrink)).steps)).toEqual(['delete pod-2']);
  });

  it('are none on a member whose server never ran', () => {
    const pods = [aPodWithJetStream(0), aWaitingPod(1, 'ErrImagePull')];
    expect(actionsOf(planCluster(aJetStreamView({ ...shrink, situation: { pods } })).steps)).toEqual(['delete pod-1']);
  });
});

describe('what a claim says of whose streams are on it', () => {
  const by = (mode: string) => ({ metadata: { annotations: { [streamsOfAnnotation]: mode } } });
  const to = (size: number, claimed: string) => ({
    wanted: aWanted({
      ...{ size, jetStream: true, storage: true, version: '2.14.9' },
      claim: (ordinal) => wantedClaim(ordinal, by(size === 1 ? 'one-server' : 'cluster')),
    }),
    objects: [aClaim(0, by(claimed))],
  });
  const pods = [aPodWithJetStream(0)];

  it('stays as long as a pod runs that was made for it', () => {
    const view = (running: typeof pods) =>
      aJetStreamView({ running: running.length, situation: { ...to(1, 'cluster'), pods: running } });
    expect(keepClaims(view(pods))).toEqual([]);
    const [step] = keepClaims(view([]));
    expect(step?.actions).toMatchObject([{ object: by('one-server') }]);
  });

  it('does not keep several servers from being several again, with a stream that was made on the way', () => {
    const groups = [aStream('NEW', [0])];
    const view = (size: number) =>
      aJetStreamView({ running: 1, groups, situation: { ...to(size, 'one-server'), pods } });
    expect(guardStreams(view(1))).toMatchObject([{ reason: 'StreamsInTheWay' }]);
    expect(actionsOf(planCluster(view(3)).steps)).toEqual(
      expect.arrayContaining(['create member 1', 'create member 2']),
    );
  });

  it('changes just before the pod is made again that holds none, so that the next one may use it', () => {
    const view = (claimed: string, running: typeof pods) =>
      aJetStreamView({ running: running.length, situation: { ...to(1, claimed), pods: running } });
    const actions = planCluster(view('cluster', pods)).steps.flatMap((step) => step.actions);
    expect(actions).toMatchObject([
      { do: 'apply', object: by('one-server') },
      { do: 'delete', object: { metadata: { uid: 'pod-0' } } },
    ]);
    expect(actionsOf(planCluster(view('one-server', [])).steps)).toEqual(['create member 0']);
  });

  it('changes on one that never had a volume, where nothing can be', () => {
    const objects = [aClaim(0, { ...by('cluster'), status: { phase: 'Pending' } })];
    const view = aJetStreamView({ running: 0, situation: { ...to(1, 'cluster'), objects, pods: [] } });
    expect(actionsOf(planCluster(view).steps)).toEqual(['apply PersistentVolumeClaim nats-0', 'create member 0']);
  });
});
