import { type MetaGroup, type Replica } from '../../../../nats/jetstream-report';
import { gatewaysAnnotation, streamsOfAnnotation } from '../../../../templates/names';
import { actionsOf, ago, aStored, aWaitingPod, aWanted, sentencesOf } from '../makers';
import { aClaim, wantedClaim } from '../claim-makers';
import { planCluster } from '../plan';
import { removeMembers } from '../remove-members';
import { rollMembers } from '../roll-members';
import { type Situation } from '../situation';
import { changeMode } from './change-mode';
import { guardStreams } from './guard-streams';
import { ailmentOf } from './health';
import { leaveJetStream } from './leave-jetstream';
import { aJetStreamView, aPodWithJetStream, aReplica, aStream } from './makers';
import { peerId } from './peer-name';
import { rejoin } from './rejoin';

type Changes = Parameters<typeof aJetStreamView>[0] & {
  /** What the leader says of the servers of the cluster `nats`; null where it can't be asked. */
  readonly ours?: readonly Replica[] | null;
  readonly abroad?: readonly Replica[];
};

const away = { offline: true, current: false };

function foreign(ordinal: number, changes: Partial<Replica> = {}): Replica {
  return aReplica(ordinal, { name: `west-${ordinal}`, id: peerId(`west-${ordinal}`), ...changes });
}

/** Three servers of ours and three of another cluster, west-0 of which leads the group of all six. */
function aSuperView({ ours, abroad = [foreign(1), foreign(2)], ...changes }: Changes = {}) {
  const { size = 3, running = size, version = '2.15.2', runs = version } = changes;
  const ordinals = Array.from({ length: running }, (_, ordinal) => ordinal);
  const annotations = { [streamsOfAnnotation]: 'super-cluster' };
  // as servers of 2.10.29 and 2.15.2 tell it: only the leader says how the others are
  const follower = { meta: { leader: 'west-0', size: running + 3, peers: [] } };
  const peers = [...(ours ?? ordinals.map((ordinal) => aReplica(ordinal))), ...abroad];
  const metaGroupAbroad: MetaGroup = { leader: 'west-0', size: peers.length + 1, peers };
  return aJetStreamView({
    ...changes,
    leader: null,
    reports: Object.fromEntries(
      ordinals.map((ordinal) => [ordinal, { ...follower, ...changes.reports?.[ordinal] }] as const),
    ),
    situation: {
      wanted: aWanted({ size, version, jetStream: true, storage: true, streamsOf: 'super-cluster' }),
      pods: ordinals.map((ordinal) => aPodWithJetStream(ordinal, { version: runs, annotations })),
      metaGroupAbroad: ours === null ? undefined : metaGroupAbroad,
      ...changes.situation,
    },
  });
}

describe('JetStream of a super-cluster', () => {
  it('is well where a server of another cluster leads, and those of the other cluster are no strangers', () => {
    expect(ailmentOf(aSuperView())).toBeUndefined();
    const peers = [aReplica(1), aReplica(2), foreign(0), foreign(1), foreign(2)];
    const meta = { leader: 'nats-0', size: 6, peers };
    const reports = { 0: { meta }, 1: { meta: { ...meta, peers: [] } }, 2: { meta: { ...meta, peers: [] } } };
    expect(ailmentOf(aSuperView({ reports }))).toBeUndefined();
  });

  it('is judged by what members say of themselves where the leader can not be asked', () => {
    expect(ailmentOf(aSuperView({ ours: null }))).toBeUndefined();
    const problem = 'JetStream is not current with the meta leader';
    expect(ailmentOf(aSuperView({ ours: null, reports: { 1: { problem } } }))).toMatchObject({
      because: `nats-1 says: ${problem}`,
    });
  });

  it('is ill while nobody leads, whose cure is not in this cluster alone', () => {
    const meta = { size: 6, peers: [] };
    expect(ailmentOf(aSuperView({ reports: { 0: { meta }, 1: { meta }, 2: { meta } } }))).toMatchObject({
      reason: 'NoLeader',
      because: expect.stringContaining('all its clusters') as string,
    });
  });

  it('is ill where a member of ours is behind, or left and is still counted', () => {
    const behind = [aReplica(0), aReplica(1, { current: false }), aReplica(2)];
    expect(ailmentOf(aSuperView({ ours: behind }))).toMatchObject({ reason: 'PeersBehind' });
    const left = [aReplica(0), aReplica(1), aReplica(2), aReplica(3, away)];
    expect(ailmentOf(aSuperView({ ours: left }))).toMatchObject({ reason: 'PeersLeft' });
  });

  it('bears that servers of another cluster are away as long as one of ours may be too', () => {
    expect(ailmentOf(aSuperView({ abroad: [foreign(1), foreign(2, away)] }))).toBeUndefined();
    expect(ailmentOf(aSuperView({ abroad: [foreign(1, away), foreign(2, away)] }))).toMatchObject({
      reason: 'PeersBehind',
      because:
        'in the JetStream meta group of the super-cluster west-1 is offline and west-2 is offline, and without one more it would have no majority',
    });
  });
});

describe('a roll in a super-cluster', () => {
  it('goes on although a server of another cluster leads', () => {
    expect(actionsOf(rollMembers(aSuperView({ runs: '2.14.9' })))).toEqual(['delete pod-2']);
  });

  it('waits while one more server less would cost the majority', () => {
    const steps = rollMembers(aSuperView({ runs: '2.14.9', abroad: [foreign(1, away), foreign(2, away)] }));
    expect(actionsOf(steps)).toEqual([]);
  });
});

describe('a member of a super-cluster that leaves', () => {
  const four = [0, 1, 2, 3].map((ordinal) => aReplica(ordinal));
  const annotations = { [streamsOfAnnotation]: 'super-cluster' };

  it('is taken out of the group by its own name, whoever leads', () => {
    const view = aSuperView({ size: 3, running: 4, ours: four });
    expect(actionsOf(planCluster(view).steps)).toEqual(['remove nats-3 from the meta group at pod-0']);
  });

  it('goes when the leader counts it no more', () => {
    expect(actionsOf(removeMembers(aSuperView({ running: 4, ours: four.slice(0, 3) })))).toEqual(['delete pod-3']);
  });

  it('takes leave of the group also where a single server stays, which is not alone', () => {
    const view = aSuperView({ size: 1, running: 2, ours: four.slice(0, 2) });
    expect(actionsOf(planCluster(view).steps)).toEqual(['remove nats-1 from the meta group at pod-0']);
  });

  it('stays while the leader can not be asked who is in the group', () => {
    const view = aSuperView({ running: 4, ours: null });
    expect(actionsOf(planCluster(view).steps)).toEqual([]);
    expect(sentencesOf(leaveJetStream(view))).toEqual([
      'nats-3 is beyond size 3 and stays until west-0, which leads, tells who is in the meta group',
    ]);
  });

  it('is no server of another cluster, whatever the servers call it', () => {
    const unseen = (id: string) => `Server name unknown at this time (peerID: ${id})`;
    const abroad = [foreign(1), foreign(7, away), foreign(2, { ...away, name: unseen(peerId('west-2')) })];
    const larger = { size: 3, running: 3, abroad: [...abroad, foreign(3), foreign(4), foreign(5)] };
    expect(actionsOf(planCluster(aSuperView(larger)).steps)).toEqual([]);
    const pods = [0, 1, 2]
      .map((ordinal) => aPodWithJetStream(ordinal, { annotations }))
      .concat(aWaitingPod(3, 'ErrImagePull', { annotations }));
    expect(actionsOf(removeMembers(aSuperView({ ...larger, situation: { pods } })))).toEqual(['delete pod-3']);
  });

  it('comes back to do so only where it is known to be ours: elsewhere there may be a larger cluster of our name', () => {
    const metadata = { name: 'nats-3', namespace: 'default' };
    const claim = () => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata });
    const wanted = aWanted({ jetStream: true, storage: true, streamsOf: 'super-cluster', claim });
    const gone = { ours: [...four.slice(0, 3), aReplica(3, away)] };
    expect(actionsOf(leaveJetStream(aSuperView({ ...gone, situation: { wanted } })))).toEqual([]);
    const objects = [aStored('PersistentVolumeClaim', 'nats-3', { labels: { nats_cluster: 'nats' } })];
    expect(actionsOf(leaveJetStream(aSuperView({ ...gone, situation: { wanted, objects } })))).toEqual([
      'create member 3',
    ]);
  });
});

describe('a member of a super-cluster that went without leaving the group', () => {
  const three = [0, 1, 2].map((ordinal) => aReplica(ordinal));
  const gone = aReplica(3, { ...away, id: 'S3' });
  const unseen = { name: `Server name unknown at this time (peerID: ${peerId('nats-3')})`, id: peerId('nats-3') };

  it('is taken out of it where it has no claim to come back with', () => {
    const steps = planCluster(aSuperView({ ours: [...three, gone] })).steps;
    expect(actionsOf(steps)).toEqual(['remove nats-3 from the meta group at pod-0']);
    expect(steps.flatMap(({ actions }) => actions)).toMatchObject([{ command: { peer: 'nats-3', peerId: 'S3' } }]);
    // its servers may have been started anew since
    expect(actionsOf(leaveJetStream(aSuperView({ ours: [...three, { ...gone, ...unseen }] })))).toHaveLength(1);
  });

  it('is left as long as it is seen, has a pod or a claim', () => {
    const left = (changes: Changes) => {
      expect(actionsOf(planCluster(aSuperView(changes)).steps).join()).not.toContain('from the meta group');
    };
    left({ ours: [...three, aReplica(3)] });
    left({ ours: [...three, gone], size: 4, running: 3 });
    const objects = [aStored('PersistentVolumeClaim', 'nats-3', { labels: { nats_cluster: 'nats' } })];
    left({ ours: [...three, gone], situation: { objects } });
    const annotations = { [streamsOfAnnotation]: 'super-cluster' };
    const pods = [0, 1, 2].map((ordinal) => aPodWithJetStream(ordinal, { annotations }));
    left({ ours: [...three, gone], situation: { pods: [...pods, aWaitingPod(3, 'ErrImagePull', { annotations })] } });
    left({ ours: three, abroad: [foreign(1), foreign(3, away)] });
  });
});

describe('a server that gateways join to other clusters', () => {
  const pods = [0, 1, 2].map((ordinal) => aPodWithJetStream(ordinal, { version: '2.14.9' }));
  const groups = [aStream('ORDERS', [0, 1, 2])];

  it('does not where there are streams: where both clusters have a group, all streams of one are deleted', () => {
    const plan = planCluster(aSuperView({ groups, situation: { pods } }));
    expect(actionsOf(plan.steps)).toEqual([]);
    expect(sentencesOf(plan.steps)).toContainEqual(
      'spec.gatewayConfig: stream ORDERS, made with several servers, would be lost when clusters with JetStream are joined or parted: set spec.gatewayConfig back, or back the streams up (nats account backup), delete them, change it, and restore them. Nothing is changed until then',
    );
  });

  it('joins them one by one where it holds none, without a majority to wait for', () => {
    const view = aSuperView({ ours: null, situation: { pods } });
    expect(guardStreams(view)).toEqual([]);
    expect(actionsOf(changeMode(view))).toEqual(['delete pod-2']);
    const [first, second, third] = pods;
    const waits = [first, second, aWaitingPod(2, 'ContainerCreating', { version: '2.15.2' })].flatMap(
      (pod) => pod ?? [],
    );
    expect(third).toBeDefined();
    expect(actionsOf(changeMode(aSuperView({ ours: null, situation: { pods: waits } })))).toEqual([]);
  });

  describe('on claims', () => {
    const mode = (streamsOf: string) => ({ metadata: { annotations: { [streamsOfAnnotation]: streamsOf } } });
    const claim = (ordinal: number) => wantedClaim(ordinal, { ...mode('super-cluster'), size: '2Gi' });
    const wanted = aWanted({ jetStream: true, storage: true, streamsOf: 'super-cluster', claim });
    const next = (last: ReturnType<typeof aClaim>) => {
      const objects = [0, 1].map((ordinal) => aClaim(ordinal, { size: '2Gi' })).concat(last);
      return actionsOf(planCluster(aSuperView({ ours: null, situation: { wanted, pods, objects } })).steps);
    };
    const write = 'apply PersistentVolumeClaim nats-2';

    it('joins them with its claim, which says so', () => {
      expect(next(aClaim(2, { size: '2Gi' }))).toEqual([write, 'delete pod-2']);
    });

    it('does not while its claim is written for another reason: of two writes of one claim one fails', () => {
      expect(next(aClaim(2))).toEqual([write]);
      // the pod did not go after the claim was written: as long as it runs, the claim says how
      expect(next(aClaim(2, { ...mode('super-cluster'), size: '2Gi' }))).toEqual([write]);
    });
  });

  it('is not parted from them while they are counted for the majority', () => {
    const wanted = aWanted({ jetStream: true, storage: true, version: '2.15.2' });
    const part = (abroad: Replica[]) => {
      const reports = {
        0: { meta: { leader: 'nats-0', size: 3, peers: [aReplica(1), aReplica(2), ...abroad] } },
        1: { meta: { leader: 'nats-0', size: 3, peers: [] } },
        2: { meta: { leader: 'nats-0', size: 3, peers: [] } },
      };
      return aSuperView({ runs: '2.14.9', reports, situation: { wanted } });
    };
    const [step] = guardStreams(part([foreign(0), foreign(1)]));
    expect(step?.because).toMatch(/counts west-0 and west-1 of other clusters, and would have no majority/);
    expect(guardStreams(part([]))).toEqual([]);
    expect(actionsOf(changeMode(part([])))).toEqual(['delete pod-2']);
  });
});

describe('a member of a super-cluster outside of the group', () => {
  it('is made again where it holds no stream', () => {
    expect(actionsOf(rejoin(aSuperView({ ours: [aReplica(0), aReplica(1)] })))).toEqual(['delete pod-2']);
  });
});

describe('a cluster that is added to the gateways of a super-cluster', () => {
  const made = (list?: string) => ({
    [streamsOfAnnotation]: 'super-cluster',
    ...(list !== undefined && { [gatewaysAnnotation]: list }),
  });
  const planned = (
    lists: readonly (string | undefined)[],
    joined: readonly string[] = [],
    { objects = [], leaving }: { objects?: Situation['objects']; leaving?: boolean } = {},
  ) => {
    const pods = lists.map((list, ordinal) => {
      const version = list?.includes('north') ? '2.15.2' : '2.14.9';
      return aPodWithJetStream(ordinal, { version, annotations: made(list), ...(leaving && { deleted: ago(1) }) });
    });
    const gateways = ['north', 'west'];
    const wanted = aWanted({ jetStream: true, storage: true, streamsOf: 'super-cluster', gateways });
    const view = aSuperView({ situation: { pods, wanted, objects } });
    const servers = new Map(
      [...view.servers].map(([uid, server]) => [uid, { ...server, gateways: new Set(joined) }] as const),
    );
    return planCluster({ ...view, servers }).steps;
  };
  const three = <T>(value: T) => [value, value, value];

  it('is not connected from here, as it may have a meta group too, of which one would lose all streams', () => {
    const steps = planned(three('west'), ['west']);
    expect(actionsOf(steps)).toEqual([]);
    expect(steps[0]).toMatchObject({ topic: 'ConfigValid', reason: 'GatewaysInTheWay' });
    expect(steps[0]?.because).toMatch(/^spec.gatewayConfig.gateways: north is not connected.*Let it join first/);
    expect(steps[0]?.again).toBeGreaterThan(0);
  });

  it('is taken when it has joined from its side', () => {
    expect(actionsOf(planned(three('west'), ['north', 'west']))).toEqual(['delete pod-2']);
  });

  it('is not taken either when all pods are on their way out, or gone', () => {
    expect(actionsOf(planned(three('west'), [], { leaving: true }))).toEqual([]);
    const secret = aStored('Secret', 'nats', { annotations: { [gatewaysAnnotation]: 'west' } });
    expect(planned([], [], { objects: [secret] })[0]).toMatchObject({ reason: 'GatewaysInTheWay' });
    const joined = aStored('Secret', 'nats', { annotations: { [gatewaysAnnotation]: 'north,west' } });
    expect(actionsOf(planned([], [], { objects: [joined] }))).toContain('create member 0');
  });

  it('does not stop a roll that began with it, nor anything where it is not known who was there before', () => {
    expect(actionsOf(planned(['west', 'west', 'north,west'], []))).toEqual(['delete pod-1']);
    expect(actionsOf(planned(three(undefined), []))).toEqual(['delete pod-2']);
  });
});
