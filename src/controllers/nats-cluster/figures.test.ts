import { figuresOf } from './figures';
import { aJetStreamView, aReplica, aStream } from './plan/jetstream/makers';
import { anUnreadyPod, aReadyPod, aView, aWanted } from './plan/makers';

describe('the figures of a cluster', () => {
  it('are its members and nothing of JetStream where it has none', () => {
    expect(figuresOf(aView({ pods: [aReadyPod(0), aReadyPod(1), anUnreadyPod(2)] }))).toEqual({ size: 3, ready: 2 });
  });

  it('say when the first of its certificates ends', () => {
    const certificate = { secret: 'tls', key: 'tls.crt', field: 'spec.tls.serverSecret', notBefore: 0, serial: '01' };
    const certificates = [3_000_000, 2_000_000].map((notAfter) => ({ ...certificate, notAfter }));
    expect(figuresOf(aView({ wanted: aWanted({ certificates }) })).certificateExpiry).toBe(2_000);
  });

  it('say that all is well', () => {
    expect(figuresOf(aJetStreamView({ groups: [aStream('A', [0, 1, 2])] })).jetStream).toEqual({
      ...{ healthy: true, hasLeader: true, peersOffline: 0, peersLagging: 0 },
      ...{ streamsWithoutQuorum: 0, streamsLagging: 0 },
    });
  });

  it('count what is not well, and a stream once, whatever its consumers are', () => {
    const behind = [aReplica(1, { current: false })];
    const { jetStream } = figuresOf(
      aJetStreamView({
        peers: [aReplica(1, { offline: true, current: false }), aReplica(2, { current: false })],
        groups: [
          aStream('A', [0, 1], { replicas: behind }),
          aStream('A', [0, 1], { replicas: behind, consumer: 'worker' }),
          aStream('B', [0, 1], { leader: undefined }),
          aStream('C', [2, 0]),
        ],
      }),
    );
    expect(jetStream).toEqual({
      ...{ healthy: false, hasLeader: true, peersOffline: 1, peersLagging: 1 },
      ...{ streamsWithoutQuorum: 1, streamsLagging: 1 },
    });
  });

  it('say nothing of what is not known', () => {
    expect(figuresOf(aJetStreamView({ silent: [0, 1, 2] })).jetStream).toEqual({});
    expect(figuresOf(aJetStreamView({ silent: [1] })).jetStream?.healthy).toBeUndefined();
    expect(figuresOf(aJetStreamView({ leader: null })).jetStream).toMatchObject({ healthy: false, hasLeader: false });
  });

  it('know no meta leader of a single server', () => {
    expect(figuresOf(aJetStreamView({ size: 1 })).jetStream?.hasLeader).toBeUndefined();
  });
});
