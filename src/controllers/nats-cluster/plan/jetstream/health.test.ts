import { serversToAsk } from '../ask-servers';
import { ago, anUnreadyPod, aReadyPod } from '../makers';
import { planCluster } from '../plan';
import { ailmentOf, lookAgainAtJetStream, metaLeaderOf } from './health';
import { aJetStreamView, aReplica, aStream } from './makers';

const ailment = (changes: Parameters<typeof aJetStreamView>[0]) => ailmentOf(aJetStreamView(changes));

describe('JetStream', () => {
  it('is well where all servers, peers and replicas are', () => {
    const groups = [aStream('ORDERS', [1, 0, 2]), aStream('ORDERS', [2, 0, 1], { consumer: 'worker' })];
    expect(ailment({ groups })).toBeUndefined();
    expect(ailment({ size: 1 })).toBeUndefined();
  });

  it('is not known where a server does not answer', () => {
    expect(ailment({ silent: [1] })).toMatchObject({
      known: false,
      because: 'JetStream of nats-1 is not known: it does not answer',
    });
  });

  it('has lost its majority where too many members are away, which it names', () => {
    const pods = [aReadyPod(0), anUnreadyPod(1), anUnreadyPod(2)];
    expect(ailment({ leader: null, situation: { pods } })).toMatchObject({
      reason: 'QuorumLost',
      because: 'JetStream has no majority: nats-0 of 3 servers is up, and it waits for nats-1 and nats-2',
    });
  });

  it('is ill while the servers elect a leader', () => {
    expect(ailment({ leader: null })).toMatchObject({ reason: 'NoLeader' });
  });

  it('does not believe a leader whom the others do not follow', () => {
    const meta = { leader: 'nats-2', size: 3, peers: [aReplica(0), aReplica(1)] };
    const view = aJetStreamView({ reports: { 2: { meta } } });
    expect(metaLeaderOf(view)).toBe('nats-0');
  });

  it('is ill where a server turned it off', () => {
    expect(ailment({ reports: { 1: { enabled: false } } })).toMatchObject({
      reason: 'TurnedOff',
      because: expect.stringContaining('nats-1') as string,
    });
  });

  it.each([
    ['served, and says so while it does not any more', 60, 'TurnedOff'],
    ['was started anew since, and has yet to turn it on', 10, 'MembersAway'],
  ])('tells a server that turned it off where its process %s', (_, age, reason) => {
    const running = { startedAt: ago(age) };
    const containerStatuses = [{ name: 'nats', state: { running } }];
    const pods = [aReadyPod(0), anUnreadyPod(1, { readyFor: 30, status: { containerStatuses } }), aReadyPod(2)];
    const view = aJetStreamView({ reports: { 1: { enabled: false } }, situation: { pods } });
    expect(ailmentOf(view)).toMatchObject({ reason });
    const { steps } = planCluster(view);
    expect(steps.some((step) => step.reason === 'JetStreamTurnedOff')).toBe(reason === 'TurnedOff');
    const asked = serversToAsk(view).pods.map(({ metadata }) => metadata.uid);
    expect(asked.includes('pod-1')).toBe(reason === 'TurnedOff');
  });

  it('is ill while a member is away, although the others carry on', () => {
    expect(ailment({ situation: { pods: [aReadyPod(0), aReadyPod(1)] } })).toMatchObject({
      reason: 'MembersAway',
      because: 'nats-2 is not ready, and what is kept there has fewer replicas',
    });
  });

  it('is ill where a member has no place in the group of the servers', () => {
    expect(ailment({ peers: [aReplica(1)] })).toMatchObject({
      reason: 'PeersMissing',
      because: 'nats-2 has no place in the JetStream meta group yet',
    });
  });

  it('is ill where a server is counted that is no member any more', () => {
    expect(ailment({ peers: [aReplica(1), aReplica(2), aReplica(4, { offline: true })] })).toMatchObject({
      reason: 'PeersLeft',
      because: expect.stringMatching(/^nats-4 is still counted/) as string,
    });
  });

  it.each([
    [{ current: false }, 'in the JetStream meta group nats-1 is behind'],
    [{ offline: true }, 'in the JetStream meta group nats-1 is offline'],
  ])('is ill where a server is %j in their group', (change, because) => {
    expect(ailment({ peers: [aReplica(1, change), aReplica(2)] })).toMatchObject({ reason: 'PeersBehind', because });
  });

  it.each([
    [aStream('ORDERS', [0, 1, 2], { leader: undefined }), 'stream ORDERS has no leader'],
    [
      aStream('ORDERS', [0, 1, 2], { replicas: [aReplica(1, { current: false, lag: 7 }), aReplica(2)] }),
      'stream ORDERS has replicas that are not current: nats-1 is behind',
    ],
    [aStream('ORDERS', [0, 1, 2], { moving: true }), 'stream ORDERS is on its way to other servers'],
    [aStream('ORDERS', [0, 1], { wanted: 3 }), 'stream ORDERS has fewer replicas than the 3 that it wants'],
    [
      aStream('ORDERS', [0, 1], { account: 'shop', consumer: 'worker', replicas: [aReplica(1, { offline: true })] }),
      'consumer worker of stream ORDERS of account shop has replicas that are not current: nats-1 is offline',
    ],
  ])('is ill where %j', (group, because) => {
    expect(ailment({ groups: [group] })).toMatchObject({ reason: 'ReplicasBehind', because });
  });

  it('is ill where a server says so in its own words', () => {
    const problem = "JetStream stream '$G > ORDERS' is not current";
    expect(ailment({ reports: { 2: { problem } } })).toMatchObject({
      reason: 'ServerUnhealthy',
      because: `nats-2 says: ${problem}`,
    });
  });

  it('is ill where a server could not write, which says so of itself alone, and it says what to do', () => {
    const problem = "JetStream stream '$G > S' is not current: stream write error: no space left on device";
    const groups = [aStream('S', [0, 1, 2], { replicas: [aReplica(1), aReplica(2, { current: false })] })];
    expect(ailment({ groups, reports: { 2: { problem } } })).toMatchObject({
      reason: 'WriteFailed',
      because: expect.stringMatching(
        /^nats-2 could not write.*no space left.*kubectl delete pod -n default nats-pod-2$/,
      ) as string,
    });
  });

  it('says nothing that changes by itself, so that a status that says it does not either', () => {
    const lagging = (lag: number) =>
      ailment({ groups: [aStream('A', [0, 1], { replicas: [aReplica(1, { current: false, lag })] })] });
    expect(lagging(1)).toEqual(lagging(1000));
  });

  it('is looked at again soon only while it is ill', () => {
    expect(lookAgainAtJetStream(aJetStreamView({ leader: null }))).toBe(5);
    expect(lookAgainAtJetStream(aJetStreamView())).toBeUndefined();
  });
});
