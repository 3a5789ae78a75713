import { aJetStreamView, aReplica } from './plan/jetstream/makers';
import { ago, aMesh, anUnreadyPod, aReadyPod, aSituation, aStored, aWaitingPod, aWanted } from './plan/makers';
import { planCluster } from './plan/plan';
import { secondsUntilTold, statusOf } from './status';

const told = (changes: Parameters<typeof aSituation>[0] = {}) => statusOf(planCluster(aSituation(changes)));
const conditions = (status: ReturnType<typeof told>) =>
  status.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`);
const old = (ordinal: number) => aReadyPod(ordinal, { version: '2.14.8' });
const config = (conf: string) => ({ ...aStored('Secret', 'nats'), data: { 'nats.conf': conf } });

/** What the status says of tokens, where it said `old`, and `new` is wanted and written, but for what the test changes. */
function tokens(changes: Parameters<typeof aSituation>[0]): string | undefined {
  const objects = [config('bmV3')];
  const wanted = aWanted({ serviceTokens: 'new', objects });
  return told({ wanted, objects, status: { serviceTokens: 'old' }, ...changes }).serviceTokens;
}

describe('the status', () => {
  it('says that all is well', () => {
    const status = told();
    expect(status).toMatchObject({ phase: 'Running', reason: 'all 3 members are ready', size: 3, readyMembers: 3 });
    expect(conditions(status)).toEqual([
      'Ready True AllReady',
      'Progressing False Settled',
      'Degraded False Healthy',
      'ConfigValid True Valid',
    ]);
  });

  it('is not Ready before all members run what the spec asks for, and keeps the old version until then', () => {
    const pods = [old(0), old(1), aReadyPod(2)];
    const status = told({ pods, status: { currentVersion: '2.14.8' } });
    expect(status).toMatchObject({ phase: 'Running', currentVersion: '2.14.8', targetVersion: '2.15.2' });
    expect(conditions(status)?.slice(0, 2)).toEqual(['Ready False Outdated', 'Progressing True Rolling']);
    expect(told().currentVersion).toBe('2.15.2');
  });

  it('says which tokens all servers take, and not those that some have yet to', () => {
    expect(tokens({})).toBe('new');
    expect(tokens({ pods: [old(0), aReadyPod(1), aReadyPod(2)] })).toBe('old');
    // one that has to stay for a while takes the one before
    expect(tokens({ pods: [...[0, 1, 2].map((ordinal) => aReadyPod(ordinal)), old(3)] })).toBe('old');
    // nothing is rendered
    const missing = [{ secret: 's', field: 'spec.tls.routesSecret' }];
    expect(tokens({ wanted: aWanted({ missing }) })).toBe('old');
    expect(tokens({ wanted: undefined, problems: [{ field: 'spec.size', message: 'must be at least 1' }] })).toBe(
      'old',
    );
  });

  it('says of no token that servers take it before it is written, also where nobody can tell what they have loaded', () => {
    expect(tokens({ objects: [config('b2xk')] })).toBe('old');
    expect(tokens({ objects: [] })).toBe('old');
  });

  it('says nothing of tokens any more where the spec wants none of service accounts', () => {
    expect(tokens({ wanted: aWanted({ objects: [config('bmV3')] }) })).toBeUndefined();
  });

  it('names the members that do not serve', () => {
    const { conditions = [], phase } = told({ pods: [aReadyPod(0), anUnreadyPod(1), aReadyPod(2)] });
    expect(conditions[0]).toMatchObject({ status: 'False', reason: 'MembersNotReady' });
    expect(conditions[0]?.message).toBe('2 of 3 members are ready, but not nats-1');
    expect(phase).toBe('Creating'); // they were never all ready
  });

  it('says when a condition changed, and not when it was looked at', () => {
    const before = told().conditions?.map((condition) => Object.assign(condition, { lastTransitionTime: ago(500) }));
    const now = ago(0).replace('.000', '');
    const times = (changes = {}) =>
      told({ status: { conditions: before }, ...changes }).conditions?.map((condition) => condition.lastTransitionTime);
    expect(times()).toEqual([ago(500), ago(500), ago(500), ago(500)]);
    expect(times({ pods: [old(0), old(1), old(2)] })).toEqual([now, now, ago(500), ago(500)]);
  });

  it('has what a server said of itself until that server is another one', () => {
    const pods = [aReadyPod(0)];
    const wanted = aWanted({ size: 1 });
    const { members } = told({ pods, wanted, servers: aMesh(pods) });
    expect(members).toEqual([expect.objectContaining({ name: 'nats-0', pod: 'nats-pod-0', serverId: 'pod-0' })]);
    const later = (changes: object) =>
      told({ wanted, servers: new Map(), status: { members }, ...changes }).members?.[0];
    expect(later({ pods })?.serverId).toBe('pod-0');
    expect(later({ pods: [aReadyPod(0, { readyFor: 5 })] })?.serverId).toBeUndefined();
    expect(later({ pods: [aReadyPod(0, {}, 'pod-new')] })?.serverId).toBeUndefined();
  });

  it('keeps what it said of a spec that is not valid any more', () => {
    const problems = [{ field: 'spec.size', message: 'must be at least 1' }];
    const before = { size: 3, targetVersion: '2.15.2', currentVersion: '2.15.2', clientUrl: 'nats://nats' };
    const status = told({ wanted: undefined, problems, status: before });
    expect(status).toMatchObject({ ...before, phase: 'Failed', readyMembers: 3 });
    expect(conditions(status)).toEqual([
      'Ready False Invalid',
      'Progressing False Settled',
      'Degraded False Healthy',
      'ConfigValid False Invalid',
    ]);
  });
});

describe('a status with JetStream', () => {
  const told = (view: ReturnType<typeof aJetStreamView>) => statusOf(planCluster(view));
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] };

  it('says who leads, and that all is current', () => {
    const status = told(aJetStreamView({ leader: 1 }));
    expect(status.members?.map(({ role }) => role)).toEqual(['MetaFollower', 'MetaLeader', 'MetaFollower']);
    expect(conditions(status)).toContain('JetStreamHealthy True Current');
    expect(conditions(status)).toContain('Ready True AllReady');
  });

  it('is not Ready before every member has its place in the group of the servers', () => {
    const status = told(aJetStreamView({ peers: [aReplica(1)], situation: { status: ready } }));
    expect(conditions(status)).toContain('JetStreamHealthy False PeersMissing');
    expect(conditions(status)).toContain('Ready False JetStreamNotHealthy');
  });

  it('stays Ready where a monitoring port can not be read, and does not become it', () => {
    const silent = (status: object) => conditions(told(aJetStreamView({ silent: [1], situation: { status } })));
    expect(silent(ready)).toContain('JetStreamHealthy Unknown Unknown');
    expect(silent(ready)).toContain('Ready True AllReady');
    expect(silent({})).toContain('Ready False JetStreamNotHealthy');
  });
});

describe('when a status is told', () => {
  const tells = (changes: Parameters<typeof aSituation>[0]) => secondsUntilTold(planCluster(aSituation(changes)));
  const others = [anUnreadyPod(1), anUnreadyPod(2)];
  const status = { conditions: [{ type: 'Ready', status: 'False' }] };

  it('is a moment after a member became ready, as others may follow', () => {
    expect(tells({ status, pods: [aReadyPod(0, { readyFor: 0.5 }), ...others] })).toBeCloseTo(1.5);
    expect(tells({ status, pods: [aReadyPod(0, { readyFor: 3 }), ...others] })).toBeUndefined();
  });

  it('is a moment after a pod was made, as it gets a node, starts and serves within it', () => {
    const pod = (age: number) => {
      const made = aWaitingPod(0, 'ContainerCreating');
      return { ...made, metadata: { ...made.metadata, creationTimestamp: ago(age) } };
    };
    expect(tells({ status, pods: [pod(0.5), ...others] })).toBeCloseTo(1.5);
    expect(tells({ status, pods: [pod(3), ...others] })).toBeUndefined();
  });

  it('is a moment after the cluster was made', () => {
    expect(tells({ metadata: { creationTimestamp: ago(1) }, pods: [] })).toBeCloseTo(1);
    expect(tells({ metadata: { creationTimestamp: ago(1) }, pods: [], status })).toBeUndefined();
  });

  it('is at once when all is done, or something is wrong', () => {
    expect(tells({ status, pods: [0, 1, 2].map((ordinal) => aReadyPod(ordinal, { readyFor: 0 })) })).toBeUndefined();
    const broken = [aReadyPod(0, { readyFor: 0 }), aWaitingPod(1, 'ErrImagePull'), anUnreadyPod(2)];
    expect(tells({ status, pods: broken })).toBeUndefined();
  });

  it('does not wait for a clock that is ahead of ours', () => {
    expect(tells({ status, pods: [aReadyPod(0, { readyFor: -60 }), ...others] })).toBeUndefined();
  });
});
