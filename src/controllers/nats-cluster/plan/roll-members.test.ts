import { actionsOf, ago, aMesh, aReadyPod, aView, aWaitingPod, anUnreadyPod, aWanted, sentencesOf } from './makers';
import { remakeBroken, rollMembers } from './roll-members';
import { type Pod, type Server, type Wanted } from './situation';
import { firstOf } from './step';

const old = (ordinal: number, changes = {}) => aReadyPod(ordinal, { version: '2.14.8', ...changes });
const roll = (pods: Pod[], changes: Partial<Wanted> = {}, servers?: Map<string, Server>) =>
  firstOf(
    remakeBroken,
    rollMembers,
  )(aView({ pods, wanted: aWanted({ size: pods.length, ...changes }), ...(servers ? { servers } : {}) }));

describe('rolling members', () => {
  it('does nothing where all are as the spec asks', () => {
    expect(roll([aReadyPod(0), aReadyPod(1)])).toEqual([]);
  });

  it('starts with the highest ordinal and says why', () => {
    const steps = roll([old(0), old(1), old(2)]);
    expect(actionsOf(steps)).toEqual(['delete pod-2']);
    expect(sentencesOf(steps)).toEqual([
      'nats-2 runs 2.14.8, wanted 2.15.2; the other 2 members are ready and the routes are whole',
    ]);
  });

  it('says that only settings differ where the version is the same', () => {
    const steps = roll([aReadyPod(0), aReadyPod(1)], { restartHash: 'new' });
    expect(sentencesOf(steps)).toEqual([
      'nats-1 runs with an older spec; the other member is ready and the routes are whole',
    ]);
  });

  it('restarts the only member of a cluster of one', () => {
    const steps = roll([old(0)]);
    expect(actionsOf(steps)).toEqual(['delete pod-0']);
    expect(sentencesOf(steps)).toEqual(['nats-0 runs 2.14.8, wanted 2.15.2; it is the only member']);
  });

  it.each([
    ['is starting', aWaitingPod(2, 'ContainerCreating')],
    ['is not ready', anUnreadyPod(2)],
    ['is stopping', old(2, { deleted: ago(-30) })],
  ])('waits while another member %s', (_, other) => {
    const steps = roll([old(0), old(1), other]);
    expect(actionsOf(steps)).toEqual([]);
    expect(sentencesOf(steps)[0]).toMatch(
      /^\d of 3 members run an older spec: the next one waits until nats-2 is ready$/,
    );
  });

  it('waits while another member has no pod', () => {
    expect(actionsOf(rollMembers(aView({ pods: [old(0), old(1)] })))).toEqual([]);
  });

  it('takes as many at once as the spec allows', () => {
    expect(actionsOf(roll([old(0), old(1), old(2)], { maxUnavailable: 2 }))).toEqual(['delete pod-2', 'delete pod-1']);
    expect(actionsOf(roll([old(0), old(1), anUnreadyPod(2)], { maxUnavailable: 2 }))).toEqual(['delete pod-1']);
  });

  it('waits for the pause after a restarted member is ready', () => {
    const pods = [old(0), old(1), aReadyPod(2, { readyFor: 20 })];
    expect(roll(pods, { pauseBetweenMembersSeconds: 60 })).toEqual([
      expect.objectContaining({ actions: [], again: 40 }),
    ]);
    expect(actionsOf(roll(pods, { pauseBetweenMembersSeconds: 20 }))).toEqual(['delete pod-1']);
  });

  it('does not pause before the first one', () => {
    const pods = [old(0, { readyFor: 5 }), old(1, { readyFor: 5 })];
    expect(actionsOf(roll(pods, { pauseBetweenMembersSeconds: 60 }))).toEqual(['delete pod-1']);
  });
});

describe('a roll and the routes', () => {
  const pods = [old(0, { readyFor: 30 }), old(1, { readyFor: 30 }), aReadyPod(2, { readyFor: 30 })];

  it('waits where a route is missing, and looks again soon', () => {
    const servers = aMesh(pods).set('pod-1', { id: 'pod-1', version: '', routes: new Set(['pod-0']) });
    expect(roll(pods, {}, servers)).toEqual([
      expect.objectContaining({
        actions: [],
        because: '2 of 3 members run an older spec: the next one waits, as nats-1 has no route to nats-2',
        again: 2,
      }),
    ]);
  });

  it('waits where a server cannot be asked: not known is not whole', () => {
    const servers = aMesh(pods).set('pod-0', { unknown: 'http://10.0.0.0:8222/routez did not answer within 2 s' });
    expect(sentencesOf(roll(pods, {}, servers))).toEqual([
      '2 of 3 members run an older spec: the next one waits, as the routes of nats-0 are not known: http://10.0.0.0:8222/routez did not answer within 2 s',
    ]);
  });

  it('waits where servers were not asked', () => {
    expect(actionsOf(roll(pods, {}, new Map()))).toEqual([]);
  });

  it('says that something is wrong where the routes do not come', () => {
    const steps = roll(pods, { healthTimeoutSeconds: 30 }, new Map());
    expect(steps.map(({ topic, reason }) => [topic, reason])).toEqual([
      ['Progressing', 'Rolling'],
      ['Degraded', 'RoutesIncomplete'],
    ]);
  });
});

describe('a roll that was taken back or changed', () => {
  it('first replaces the member that does not run, whatever the others do', () => {
    const pods = [aReadyPod(0), anUnreadyPod(1), aWaitingPod(2, 'ImagePullBackOff', { version: '9.9.9' })];
    const steps = roll(pods);
    expect(actionsOf(steps)).toEqual(['delete pod-2']);
    expect(sentencesOf(steps)).toEqual(['nats-2 did not run and is made again as the spec is now']);
  });

  it('replaces all that do not run at once', () => {
    const pods = [0, 1, 2].map((ordinal) => aWaitingPod(ordinal, 'ImagePullBackOff', { version: '9.9.9' }));
    expect(actionsOf(roll(pods))).toEqual(['delete pod-0', 'delete pod-1', 'delete pod-2']);
  });

  it('leaves a member to itself that was only interrupted, while the one before it does not come up', () => {
    const interrupted = (lastState: object) => {
      const waiting = { waiting: { reason: 'CrashLoopBackOff' } };
      const containerStatuses = [{ name: 'nats', restartCount: 1, lastState, state: waiting }];
      return aWaitingPod(1, '', { version: '2.14.8', status: { containerStatuses } });
    };
    const restarted = interrupted({ terminated: { exitCode: 137 } });
    expect(actionsOf(roll([old(0), restarted, aWaitingPod(2, 'ImagePullBackOff')]))).toEqual([]);
    const killed = { name: 'nats', state: { terminated: { exitCode: 137 } } };
    const dead = aWaitingPod(1, '', { version: '2.14.8', status: { containerStatuses: [killed] } });
    expect(actionsOf(roll([old(0), dead, aWaitingPod(2, 'ImagePullBackOff')]))).toEqual([]);
  });

  it('replaces all that keep ending at once when nothing newer is in trouble', () => {
    const crashing = [0, 1, 2].map((ordinal) =>
      aWaitingPod(ordinal, 'CrashLoopBackOff', {
        version: '2.14.8',
        status: {
          containerStatuses: [{ name: 'nats', restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
        },
      }),
    );
    expect(actionsOf(roll(crashing))).toEqual(['delete pod-0', 'delete pod-1', 'delete pod-2']);
  });

  it('replaces a member that runs and does not serve, without a look at routes', () => {
    const pods = [aReadyPod(0), aReadyPod(1), anUnreadyPod(2, { version: '9.9.9' })];
    expect(actionsOf(roll(pods, {}, new Map()))).toEqual(['delete pod-2']);
  });

  it('replaces servers that run and do not serve one by one: they may serve again in a moment', () => {
    const unready = (ordinal: number) => anUnreadyPod(ordinal, { version: '2.14.8' });
    expect(actionsOf(roll([unready(0), unready(1), unready(2)]))).toEqual(['delete pod-2']);
    expect(actionsOf(roll([unready(0), unready(1), aWaitingPod(2, 'ContainerCreating')]))).toEqual([]);
    expect(actionsOf(roll([unready(0), unready(1), aReadyPod(2)]))).toEqual(['delete pod-1']);
  });
});
