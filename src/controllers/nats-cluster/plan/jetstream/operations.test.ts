import { deniedAnnotation, recordOfDenied } from '../denied';
import { streamsOfAnnotation } from '../../../../templates/names';
import { actionsOf, anUnreadyPod, aReadyPod, aWaitingPod, aWanted, sentencesOf } from '../makers';
import { planCluster } from '../plan';
import { rollMembers } from '../roll-members';
import { removeMembers } from '../remove-members';
import { leaveJetStream } from './leave-jetstream';
import { changeMode } from './change-mode';
import { aJetStreamView, aPodWithJetStream, aReplica, aStream } from './makers';
import { peerId } from './peer-name';
import { rejoin } from './rejoin';

describe('a roll with JetStream', () => {
  const upgrade = { version: '2.15.2', runs: '2.10.29' };

  it('takes the followers first and the meta leader last', () => {
    expect(actionsOf(rollMembers(aJetStreamView({ ...upgrade, leader: 2 })))).toEqual(['delete pod-1']);
    const pods = [aPodWithJetStream(0), aPodWithJetStream(1), aPodWithJetStream(2, { version: '2.10.29' })];
    expect(actionsOf(rollMembers(aJetStreamView({ ...upgrade, leader: 2, situation: { pods } })))).toEqual([
      'delete pod-2',
    ]);
  });

  it('waits for a replica that is not current, and names its stream', () => {
    const groups = [aStream('ORDERS', [0, 1], { replicas: [aReplica(1, { current: false })] })];
    const steps = rollMembers(aJetStreamView({ ...upgrade, groups }));
    expect(actionsOf(steps)).toEqual([]);
    expect(sentencesOf(steps)[0]).toBe(
      '3 of 3 members run an older spec: the next one waits, as stream ORDERS has replicas that are not current: nats-1 is behind',
    );
    expect(steps[0]?.again).toBeGreaterThan(0);
  });

  it('says that something is wrong when the wait is too long', () => {
    const pods = [0, 1, 2].map((ordinal) => aPodWithJetStream(ordinal, { version: '2.10.29', readyFor: 700 }));
    const steps = rollMembers(aJetStreamView({ ...upgrade, leader: null, situation: { pods } }));
    expect(steps.map(({ topic, reason }) => [topic, reason])).toContainEqual(['Degraded', 'JetStreamNotCurrent']);
  });

  it('does not wait for JetStream that the older spec did not have', () => {
    const pods = [0, 1, 2].map((ordinal) => aReadyPod(ordinal, { version: '2.10.29' }));
    const reports = { 0: { enabled: false }, 1: { enabled: false }, 2: { enabled: false } };
    expect(actionsOf(rollMembers(aJetStreamView({ ...upgrade, leader: null, reports, situation: { pods } })))).toEqual([
      'delete pod-2',
    ]);
  });

  it('waits while it is not known how JetStream is', () => {
    expect(actionsOf(rollMembers(aJetStreamView({ ...upgrade, silent: [1] })))).toEqual([]);
  });
});

describe('a single server with JetStream', () => {
  const single = { annotations: { [streamsOfAnnotation]: 'one-server' }, version: '2.10.29' };
  const joins = { situation: { pods: [aReadyPod(0, single), aReadyPod(1), aReadyPod(2)] } };

  it('that holds no streams is made again to join the others, although it has no routes to them', () => {
    const steps = changeMode(aJetStreamView({ ...joins, reports: { 0: { meta: undefined } } }));
    expect(actionsOf(steps)).toEqual(['delete pod-0']);
    expect(sentencesOf(steps)).toEqual(['nats-0 was the only server and joins the others; it holds no streams']);
  });

  it('that holds streams stays as it is, or is not known to hold none', () => {
    expect(actionsOf(changeMode(aJetStreamView({ ...joins, reports: { 0: { streams: 1 } } })))).toEqual([]);
    expect(actionsOf(changeMode(aJetStreamView({ ...joins, silent: [0] })))).toEqual([]);
  });

  it('is what is left of several: then it is made again without waiting for a majority', () => {
    const pods = [aPodWithJetStream(0, { version: '2.10.29' })];
    expect(actionsOf(changeMode(aJetStreamView({ size: 1, leader: null, situation: { pods } })))).toEqual([
      'delete pod-0',
    ]);
  });
});

describe('a member without a place in the meta group', () => {
  const outside = { peers: [aReplica(1)] };

  it('gets some time to join', () => {
    const pods = [0, 1, 2].map((ordinal) => aReadyPod(ordinal, { readyFor: 3 }));
    const steps = rejoin(aJetStreamView({ ...outside, situation: { pods } }));
    expect(actionsOf(steps)).toEqual([]);
    expect(steps[0]?.again).toBe(2);
  });

  it('is made again after that, which lets it in', () => {
    expect(actionsOf(rejoin(aJetStreamView(outside)))).toEqual(['delete pod-2']);
  });

  it.each([
    ['holds streams', { ...outside, reports: { 2: { streams: 1 } } }],
    ['can not be asked', { ...outside, silent: [2] }],
    ['has no leader to join', { ...outside, leader: null }],
    [
      'would leave two members away',
      { ...outside, situation: { pods: [aReadyPod(0), anUnreadyPod(1), aReadyPod(2)] } },
    ],
  ])('is left alone where it %s', (_, changes) => {
    expect(actionsOf(rejoin(aJetStreamView(changes)))).toEqual([]);
  });
});

describe('a member with JetStream that is beyond the size', () => {
  const shrink = { size: 3, running: 5 };
  const leave = (changes: Parameters<typeof aJetStreamView>[0] = {}) =>
    leaveJetStream(aJetStreamView({ ...shrink, ...changes }));

  it('has its streams moved to others first', () => {
    const steps = leave({ groups: [aStream('ORDERS', [4, 0, 1]), aStream('ELSEWHERE', [0, 1, 2])] });
    expect(steps).toMatchObject([
      { actions: [{ do: 'command', command: { kind: 'moveStream', stream: 'ORDERS', server: 'nats-4' } }] },
    ]);
    expect(sentencesOf(steps)).toEqual(['nats-4 is beyond size 3: 1 stream to move, now stream ORDERS']);
  });

  it('moves only a few at once', () => {
    const groups = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => aStream(name, [4]));
    expect(leave({ groups }).flatMap(({ actions }) => actions)).toHaveLength(4);
  });

  it('waits for moves under way', () => {
    const steps = leave({ groups: [aStream('ORDERS', [4, 0, 1], { moving: true })] });
    expect(actionsOf(steps)).toEqual([]);
    expect(sentencesOf(steps)).toEqual(['nats-4 is beyond size 3: 1 stream to move, stream ORDERS on the way']);
  });

  it('stays where a stream would have more replicas than there are members', () => {
    const steps = leave({ groups: [aStream('WIDE', [0, 1, 2, 3, 4])] });
    expect(actionsOf(steps)).toEqual([]);
    expect(sentencesOf(steps)).toEqual([
      'nats-4 is beyond size 3 and stays: stream WIDE (5 replicas) would have more replicas than there are members; lower its replicas or set spec.size above 3',
    ]);
  });

  it('leaves the meta group when it holds nothing', () => {
    expect(leave()).toMatchObject([
      { actions: [{ do: 'command', command: { kind: 'removePeer', peer: 'nats-4', peerId: 'id-4' } }] },
    ]);
  });

  it('lets another lead before that', () => {
    expect(leave({ leader: 4 })).toMatchObject([{ actions: [{ command: { kind: 'stepDownMetaLeader' } }] }]);
  });

  it('stays while a replica elsewhere is not current', () => {
    const groups = [aStream('ORDERS', [0, 1], { replicas: [aReplica(1, { current: false })] })];
    expect(actionsOf(leave({ groups }))).toEqual([]);
  });

  it('stays while there is no majority, or its streams are not known', () => {
    expect(actionsOf(leave({ leader: null }))).toEqual([]);
    expect(actionsOf(leave({ silent: [3] }))).toEqual([]);
    expect(actionsOf(leave({ reports: { 4: { groups: undefined } } }))).toEqual([]);
  });

  it('stays while it is not ready: nobody could move its streams', () => {
    const pods = [0, 1, 2, 3].map((ordinal) => aReadyPod(ordinal)).concat(anUnreadyPod(4));
    expect(actionsOf(leave({ situation: { pods } }))).toEqual([]);
    const view = aJetStreamView({ ...shrink, situation: { pods } });
    expect(actionsOf(removeMembers(view))).toEqual([]);
  });

  it('is made again when its pod is of an older spec and not ready, although another one would leave before it', () => {
    const pods = [0, 1, 2, 4].map((ordinal) => aPodWithJetStream(ordinal));
    const broken = aWaitingPod(3, 'ErrImagePull', { version: 'no such image' });
    const peers = [1, 2, 3, 4].map((ordinal) => aReplica(ordinal, { offline: ordinal === 3 }));
    const steps = leave({ peers, situation: { pods: [...pods, broken] } });
    expect(actionsOf(steps)).toEqual(['delete pod-3']);
    expect(sentencesOf(steps)).toEqual([
      'nats-3 is beyond size 3, not ready, and made again as the spec is now to take its leave',
    ]);
    expect(actionsOf(leave({ leader: null, situation: { pods: [...pods, broken] } }))).toEqual([]);
  });

  describe('denied by the servers', () => {
    const command = { kind: 'removePeer', peer: 'nats-4', peerId: 'id-4' } as const;
    const annotations = { [deniedAnnotation]: recordOfDenied(command, { denial: 'refused', words: 'no' }) };
    const denied = (by: number, version?: string) => ({
      pods: [0, 1, 2, 3, 4].map((ordinal) =>
        aPodWithJetStream(ordinal, { version, ...(ordinal < by && { annotations }) }),
      ),
    });

    it('is asked for at another one', () => {
      expect(actionsOf(leave({ situation: denied(1) }))).toEqual(['remove nats-4 from the meta group at pod-1']);
    });

    it('is told of in their words when none is left to be asked', () => {
      const [told, again] = leave({ situation: denied(3) });
      expect(told).toMatchObject({ topic: 'Degraded', because: expect.stringMatching(/: no$/) as string });
      expect(again).toMatchObject({ again: 30 });
    });

    it('lets those be made again first that are to be, as they may let nobody in who asks', () => {
      const view = aJetStreamView({ ...shrink, runs: '2.14.9', situation: denied(3, '2.14.9') });
      expect(actionsOf(planCluster(view).steps)).toEqual(['delete pod-2']);
    });
  });

  it('keeps its pod until it has left the group, and then loses it', () => {
    expect(actionsOf(removeMembers(aJetStreamView(shrink)))).toEqual([]);
    const peers = [1, 2, 3].map((ordinal) => aReplica(ordinal));
    expect(actionsOf(removeMembers(aJetStreamView({ ...shrink, peers })))).toEqual(['delete pod-4']);
  });

  it('that went without leaving the group comes back to do so', () => {
    const peers = [1, 2, 3].map((ordinal) => aReplica(ordinal, { offline: ordinal === 3 }));
    const view = aJetStreamView({ peers: [...peers, aReplica(0, { name: 'other-0' })] });
    expect(actionsOf(leaveJetStream(view))).toEqual(['create member 3']);
  });

  describe('whose name the meta leader does not know, as it never saw the member', () => {
    const unseen = (id: string) =>
      aReplica(3, { name: `Server name unknown at this time (peerID: ${id})`, id, current: false, offline: true });
    const peers = (id: string) => [aReplica(1), aReplica(2), unseen(id)];

    it('is known by its id, and comes back to leave', () => {
      expect(actionsOf(leaveJetStream(aJetStreamView({ peers: peers(peerId('nats-3')) })))).toEqual([
        'create member 3',
      ]);
    });

    it('has not left, whoever the peer without a name may be', () => {
      const pods = [0, 1, 2].map((ordinal) => aPodWithJetStream(ordinal)).concat(aWaitingPod(3, 'ErrImagePull'));
      const remove = (id: string) =>
        actionsOf(removeMembers(aJetStreamView({ peers: peers(id), situation: { pods } })));
      expect(remove(peerId('nats-3'))).toEqual([]);
      expect(remove('ElseWher')).toEqual([]);
    });

    it('has the id that real servers gave it', () => {
      expect(peerId('nats-3')).toBe('bkCGheKT');
    });
  });

  it('leaves no group where a single server is wanted', () => {
    const wanted = aWanted({ size: 1, jetStream: true });
    expect(leaveJetStream(aJetStreamView({ running: 2, situation: { wanted } }))).toEqual([]);
  });
});
