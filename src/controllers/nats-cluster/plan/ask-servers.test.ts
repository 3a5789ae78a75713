import { serversToAsk } from './ask-servers';
import { ago, aReadyPod, anUnreadyPod, aView } from './makers';

const known = [0, 1, 2].map((ordinal) => ({
  name: `nats-${ordinal}`,
  pod: `nats-pod-${ordinal}`,
  serverId: `id-${ordinal}`,
  since: ago(3000).replace('.000', ''),
  ready: true,
}));
const asked = (...changes: Parameters<typeof aView>) => {
  const { pods, again } = serversToAsk(aView(...changes));
  return { pods: pods.map(({ metadata }) => metadata.uid), again };
};

describe('servers', () => {
  it('are not asked in a cluster where nothing changes', () => {
    expect(asked({ status: { members: known } })).toEqual({ pods: [], again: undefined });
  });

  it('are all asked before one of them is restarted, but for those that do not serve', () => {
    const pods = [aReadyPod(0), aReadyPod(1, { version: '2.14.8' }), anUnreadyPod(2)];
    expect(asked({ pods, status: { members: known } }).pods).toEqual(['pod-0', 'pod-1']);
  });

  it('are asked for their id once they are settled', () => {
    const pods = [aReadyPod(0), aReadyPod(1, { readyFor: 15 }), aReadyPod(2, { readyFor: 5 })];
    expect(asked({ pods, status: { members: known } })).toEqual({ pods: ['pod-1'], again: 10 });
  });

  it('are asked again where another pod is the member', () => {
    const pods = [aReadyPod(0, {}, 'pod-new'), aReadyPod(1), aReadyPod(2)];
    expect(asked({ pods, status: { members: known } }).pods).toEqual(['pod-new']);
  });
});
