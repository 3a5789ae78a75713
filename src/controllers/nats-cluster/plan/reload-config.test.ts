import { requestAnnotations } from '../../../resources/nats-cluster/requests';
import { configAnnotation, restartsAnnotation } from '../../../templates/names';
import { type Denial } from '../../../nats/system-client';
import { deniedAnnotation, recordOfDenied } from './denied';
import {
  actionsOf,
  ago,
  aMesh,
  anUnreadyPod,
  aWaitingPod,
  aReadyPod,
  aSituation,
  aView,
  aWanted,
  noon,
  planned,
  sentencesOf,
} from './makers';
import { planCluster } from './plan';
import { pendingReloads, reloadConfig } from './reload-config';
import { type Pod, type Server, type Wanted } from './situation';
import { toldAnnotation } from './told';

const access = { credentials: [{ user: 'operator', password: 'secret' }] };
const wanted = aWanted({ config: 'new', access });
const reload = { kind: 'reload', serverId: '', to: 'new' } as const;

const withConfig = (ordinal: number, config: string, annotations: Record<string, string> = {}) =>
  aReadyPod(ordinal, { annotations: { [configAnnotation]: config, ...annotations } });
const told = (ordinal: number, seconds: number, more: Record<string, string> = {}) =>
  withConfig(ordinal, 'old', { [toldAnnotation]: `new ${ago(seconds)}`, ...more });
const denied = (denial: Denial, words: string) => ({
  [deniedAnnotation]: recordOfDenied(reload, { denial, words }),
});

function serving(pods: readonly Pod[], has: (uid: string) => Partial<Server> = () => ({ config: 'old' })) {
  return new Map([...aMesh(pods)].map(([uid, server]) => [uid, { ...server, ...has(uid) }]));
}

function steps(pods: readonly Pod[], has?: (uid: string) => Partial<Server>, changes: Partial<Wanted> = {}) {
  return reloadConfig(aView({ pods, wanted: { ...wanted, ...changes }, servers: serving(pods, has) }));
}

describe('a new config', () => {
  it('is no concern where all have loaded it, or can not reload at all', () => {
    expect(steps([0, 1, 2].map((ordinal) => withConfig(ordinal, 'new')))).toEqual([]);
    expect(steps([0, 1, 2].map((ordinal) => aReadyPod(ordinal)))).toEqual([]);
    const pods = [0, 1, 2].map((ordinal) => withConfig(ordinal, 'old'));
    expect(steps(pods, undefined, { config: undefined })).toEqual([]);
  });

  it('is first told to the kubelet of one member', () => {
    const step = steps([0, 1, 2].map((ordinal) => withConfig(ordinal, 'old')));
    expect(actionsOf(step)).toEqual(['relabel pod-0']);
    expect(step[0]?.actions[0]).toMatchObject({
      annotations: { [toldAnnotation]: `new ${ago(0)} ${ago(0)}` },
    });
  });

  it('is asked for when the file had a moment to come', () => {
    expect(actionsOf(steps([told(0, 0.1), withConfig(1, 'old')]))).toEqual([]);
    expect(actionsOf(steps([told(0, 1), withConfig(1, 'old')]))).toEqual(['reload new at pod-0']);
  });

  it('is told again where it does not come', () => {
    expect(actionsOf(steps([told(0, 11), withConfig(1, 'old')]))).toEqual(['relabel pod-0']);
  });

  it('is not told to the next one before the first has loaded it, which the server itself says', () => {
    const pods = [told(0, 1), withConfig(1, 'old'), withConfig(2, 'old')];
    const done = steps(pods, (uid) => ({ config: uid === 'pod-0' ? 'new' : 'old' }));
    expect(sentencesOf(done)).toEqual(['nats-0 has loaded its new config']);
    expect(done[0]?.actions).toMatchObject([{ annotations: { [configAnnotation]: 'new', [toldAnnotation]: null } }]);
    expect(actionsOf(steps([withConfig(0, 'new'), ...pods.slice(1)]))).toEqual(['relabel pod-1']);
  });

  describe('of a server that started again by itself, which may have found another one', () => {
    const restarted = (times: number, seen?: string, config = 'new') => {
      const annotations = { [configAnnotation]: config, ...(seen !== undefined && { [restartsAnnotation]: seen }) };
      const containerStatuses = [{ name: 'nats', restartCount: times, state: { running: {} } }];
      return aReadyPod(0, { annotations, status: { containerStatuses } });
    };
    const others = [withConfig(1, 'new'), withConfig(2, 'new')];
    const has = (config: string) => (uid: string) => ({ config: uid === 'pod-0' ? config : 'new' });

    it('is looked at until it is known', () => {
      const pods = [restarted(1), ...others];
      expect(pendingReloads(aView({ pods, wanted })).map(({ name }) => name)).toEqual(['nats-0']);
      const done = steps(pods, has('new'));
      expect(sentencesOf(done)).toEqual(['nats-0 has loaded its new config']);
      expect(done[0]?.actions).toMatchObject([
        { annotations: { [configAnnotation]: 'new', [restartsAnnotation]: '1' } },
      ]);
      expect(steps([restarted(1, '1'), ...others])).toEqual([]);
      expect(sentencesOf(steps([restarted(2, '1'), ...others], has('new')))).toEqual(
        done.map(({ because }) => because),
      );
    });

    it('is loaded again where it is another one, such as one that was refused and taken back', () => {
      expect(actionsOf(steps([restarted(1), ...others], has('refused')))).toEqual(['relabel pod-0']);
    });

    it('is noted of one that starts while another one is on its way, as it may find either, and looked at when it serves', () => {
      const starting = aWaitingPod(0, 'ContainerCreating', { annotations: { [configAnnotation]: 'old' } });
      const step = steps([starting, ...others]);
      expect(step[0]?.actions).toMatchObject([{ annotations: { [toldAnnotation]: `new ${ago(0)} ${ago(0)}` } }]);
      const noted = { [configAnnotation]: 'old', [toldAnnotation]: `new ${ago(30)}` };
      expect(steps([aWaitingPod(0, 'ContainerCreating', { annotations: noted }), ...others])).toEqual([]);
      // the one before is wanted again
      const back = [aReadyPod(0, { annotations: noted }), withConfig(1, 'old'), withConfig(2, 'old')];
      const has = (uid: string) => ({ config: uid === 'pod-0' ? 'new' : 'old' });
      expect(actionsOf(steps(back, has, { config: 'old' }))).toEqual(['relabel pod-0']);
    });

    it('is read again by a server that never was seen with it', () => {
      expect(steps([restarted(0), ...others])).toEqual([]);
      expect(steps([restarted(0, 'what a person wrote'), ...others], has('new'))).toHaveLength(1);
    });
  });

  it('is not asked for in vain as long as nobody asks, such as while its server is away', () => {
    const [step] = steps([told(0, 60), withConfig(1, 'old'), withConfig(2, 'old'), withConfig(3, 'old')]);
    expect(step?.actions).toMatchObject([{ annotations: { [toldAnnotation]: `new ${ago(0)} ${ago(0)}` } }]);
  });

  it('with a certificate is not loaded before a handshake shows it', () => {
    const has = (serial: string) => () => ({ config: 'new', serial });
    expect(actionsOf(steps([told(0, 1)], has('01'), { serial: '02' }))).toEqual(['reload new at pod-0']);
    expect(sentencesOf(steps([told(0, 1)], has('02'), { serial: '02' }))).toEqual(['nats-0 has loaded its new config']);
  });

  it('that is the one before again is loaded again by a member that was told of one in between, which it may have by now', () => {
    const between = withConfig(0, 'new', { [toldAnnotation]: `between ${ago(1)}` });
    const others = [withConfig(1, 'new'), withConfig(2, 'new')];
    const has = () => ({ config: 'between' });
    expect(actionsOf(steps([between, ...others], has))).toEqual(['relabel pod-0']);
    const toldOfIt = withConfig(0, 'new', { [toldAnnotation]: `new ${ago(1)}` });
    expect(actionsOf(steps([toldOfIt, ...others], has))).toEqual(['reload new at pod-0']);
    expect(sentencesOf(steps([toldOfIt, ...others], () => ({ config: 'new' })))).toEqual([
      'nats-0 has loaded its new config',
    ]);
  });

  it('waits for a server that can not be asked', () => {
    const has = () => ({ unknown: 'it does not answer' });
    const because =
      "nats-0 can't be asked which config it has, as it does not answer: 1 of 3 members have yet to load the new config";
    expect(sentencesOf(steps([told(0, 1)], has))).toEqual([because]);
    const long = steps([told(0, 3600)], has);
    expect(actionsOf(long)).toEqual([]);
    expect(sentencesOf(long)).toEqual([because, because]);
    expect(long[1]).toMatchObject({ topic: 'Degraded', reason: 'ReloadFailed' });
    // one that nobody asked yet is told, as what was noted on its pod says that only
    const noted = withConfig(0, 'old', { [toldAnnotation]: `new ${new Date(0).toISOString()}` });
    expect(actionsOf(steps([noted], has))).toEqual(['relabel pod-0']);
    // others that can be seen go on meanwhile
    const unseen = (uid: string) => (uid === 'pod-0' ? has() : { config: 'old' });
    expect(actionsOf(steps([told(0, 60), withConfig(1, 'old')], unseen))).toEqual(['relabel pod-1']);
  });
});

describe('a config that a server denies', () => {
  it('is asked of no other member when one refuses it, and none is restarted', () => {
    const pods = [told(0, 1, denied('refused', 'unknown field "x"')), withConfig(1, 'old'), withConfig(2, 'old')];
    expect(steps(pods)).toEqual([]);
    expect(planned({ pods, wanted, servers: serving(pods) })).toEqual([]);
  });

  it('is tried again when the spec has changed', () => {
    const pods = [told(0, 1, denied('refused', 'unknown field "x"'))];
    expect(actionsOf(steps(pods, undefined, { config: 'newer' }))).toEqual(['relabel pod-0']);
  });

  it('is tried again where the server could not be reached', () => {
    const step = steps([told(0, 1, denied('unreachable', 'no way'))]);
    expect(step).toMatchObject([
      { topic: 'Degraded', reason: 'ReloadFailed' },
      { topic: 'Progressing', again: 10 },
    ]);
    expect(actionsOf(step)).toEqual(['reload new at pod-0']);
  });

  describe('where the server can not be reached', () => {
    const unreached = (ordinal: number, since: number, last: number) =>
      told(ordinal, last, { ...denied('unreachable', 'no way'), [toldAnnotation]: `new ${ago(since)} ${ago(last)}` });

    it('lets others pass, and is tried again in turn', () => {
      expect(actionsOf(steps([unreached(0, 5, 5), withConfig(1, 'old')]))).toEqual(['relabel pod-1']);
      expect(actionsOf(steps([unreached(0, 30, 9), unreached(1, 30, 8)]))).toEqual(['reload new at pod-0']);
      expect(actionsOf(steps([unreached(0, 30, 8), unreached(1, 30, 11)]))).toEqual(['relabel pod-1']);
    });

    it('is said at once, with what comes of it', () => {
      expect(sentencesOf(steps([unreached(0, 5, 5), unreached(1, 5, 5)]))[0]).toBe(
        "nats-0 and nats-1 can't be asked to load the new config, and go on with the config before, until a restart if that lasts for 600 s: no way",
      );
    });

    describe('keeps since when it is told', () => {
      /** Since when and when last it is told of, in seconds ago, after it is told again. */
      const again = (since: number, last: number, others: readonly Pod[] = []) => {
        const [action] = steps([unreached(0, since, last), ...others]).flatMap((step) => step.actions);
        if (action?.do !== 'relabel') throw new Error('it is not told');
        const [, ...times] = action.annotations[toldAnnotation]?.split(' ') ?? [];
        return times.map((time) => (noon - Date.parse(time)) / 1000);
      };

      it('and is told again and again', () => {
        expect(again(100, 11)).toEqual([100, 0]);
        // each of many waits for its turn
        const others = [1, 2].map((ordinal) => unreached(ordinal, 100, 40));
        expect(again(100, 50, others)).toEqual([100, 0]);
      });

      it('without the time in which nobody asked, as no operator ran: one that was asked once is not restarted for it', () => {
        expect(again(900, 700)).toEqual([200, 0]);
        expect(again(50, 50)).toEqual([0, 0]);
        const shortest = { ...wanted, size: 1, healthTimeoutSeconds: 10 };
        for (const pause of [25, 50, 59, 3600]) {
          const [since, last] = again(pause, pause) as [number, number];
          const told = [unreached(0, since, last)];
          expect(planned({ pods: told, wanted: shortest, servers: serving(told) })).toEqual([]);
        }
        const asked = [unreached(0, 30, 1)];
        expect(planned({ pods: asked, wanted: shortest, servers: serving(asked) })).toEqual(['delete pod-0']);
      });
    });

    it('comes with a restart of one after the other when that lasts', () => {
      const pods = [0, 1, 2].map((ordinal) => unreached(ordinal, 605, 4));
      expect(planned({ pods, wanted, servers: serving(pods) })).toEqual(['delete pod-2']);
      const some = [unreached(0, 605, 4), withConfig(1, 'new'), anUnreadyPod(2)];
      expect(planned({ pods: some, wanted, servers: serving(some) })).toEqual([]);
    });
  });

  it('that never shows its certificate comes with a restart too', () => {
    const old = withConfig(0, 'old', { [toldAnnotation]: `new ${ago(605)} ${ago(4)}` });
    const changes = { ...wanted, size: 2, serial: '02' };
    expect(planned({ pods: [old], wanted: { ...changes, size: 1 }, servers: serving([old]) })).toEqual([
      'delete pod-0',
    ]);
  });

  it('comes with a restart where the server does not take it over while it runs', () => {
    const words = 'config reload not supported for jetstream max memory and store';
    const pods = [0, 1, 2].map((ordinal) => told(ordinal, 1, denied('refused', words)));
    expect(planned({ pods, wanted, servers: serving(pods) })).toEqual(['delete pod-2']);
  });

  it.each(['unknown-user', 'locked-out'] as const)(
    'comes with a restart, which says why, where the server does not let the operator in: %s',
    (denial) => {
      const pods = [0, 1, 2].map((ordinal) => told(ordinal, 1, denied(denial, 'it does not know me')));
      const { steps } = planCluster(aSituation({ pods, wanted, servers: serving(pods) }));
      expect(actionsOf(steps)).toEqual(['delete pod-2']);
      expect(sentencesOf(steps)[0]).toContain(
        'nats-2 takes its new config with a restart only, as it was asked and it does not know me; the other 2 members',
      );
    },
  );

  describe('as it does not take the credentials that the user wrote', () => {
    const pods = [0, 1, 2].map((ordinal) => told(ordinal, 1, denied('unknown-user', 'Authorization Violation')));
    const byJwt = { ...wanted, systemUser: {} };

    it('waits for the user, who is told what to write where, and restarts nobody', () => {
      const { steps } = planCluster(aSituation({ pods, wanted: byJwt, servers: serving(pods) }));
      expect(actionsOf(steps)).toEqual(['reload new at pod-0']);
      expect(steps[0]).toMatchObject({ topic: 'Degraded', reason: 'ReloadFailed' });
      expect(sentencesOf(steps)[0]).toContain('Authorization Violation. Write credentials of a user');
      expect(sentencesOf(steps)[0]).toContain('spec.auth.operator.systemUserSecret');
    });

    it('comes with a restart where a person asks for one', () => {
      const metadata = { annotations: { [requestAnnotations.restart]: 'now' } };
      expect(planned({ pods, wanted: byJwt, servers: serving(pods), metadata })).toEqual(['delete pod-2']);
    });
  });
});
