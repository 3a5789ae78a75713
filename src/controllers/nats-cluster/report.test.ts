import { ApiError } from '../../kubernetes/api-error';
import { createLog } from '../../observability/log';
import { type StoredCluster } from './kind';
import { configAnnotation } from '../../templates/names';
import { deniedAnnotation, recordOfDenied } from './plan/denied';
import { ago, anUnreadyPod, aReadyPod, aSituation, aWaitingPod, aWanted } from './plan/makers';
import { aJetStreamView } from './plan/jetstream/makers';
import { stepDownOnRequest } from './plan/on-request';
import { planCluster } from './plan/plan';
import { requestAnnotations } from '../../resources/nats-cluster/requests';
import { announce, refused, report, type Mouthpiece } from './report';
import { toldAnnotation } from './plan/told';
import { statusOf } from './status';

const log = createLog('info', 'json');
log.level = 'silent';

/** Reports a plan; `answer` is what the API server makes of the status. Returns what was written. */
async function reported(
  changes: Parameters<typeof aSituation>[0],
  answer: () => Promise<unknown> = () => Promise.resolve(),
) {
  const situation = aSituation(changes);
  const cluster = { apiVersion: 'nats.io/v1beta1', kind: 'NatsCluster', ...situation.cluster } as StoredCluster;
  const patches: unknown[] = [];
  const events: string[] = [];
  const mouthpiece = {
    client: {
      mergePatch: (...call: unknown[]) => {
        patches.push(call.slice(2));
        return answer();
      },
    },
    events: {
      record: (_: unknown, { type, message }: { type: string; message: string }) => {
        events.push(`${type}: ${message}`);
      },
    },
    log,
  } as Mouthpiece;
  const plan = planCluster(situation);
  announce(mouthpiece, cluster, plan);
  const outcome = await report(mouthpiece, cluster, plan);
  return { outcome, patches, events, status: JSON.parse(JSON.stringify(statusOf(plan))) as object };
}

describe('a report', () => {
  it('writes the status for exactly the cluster that was looked at', async () => {
    const { outcome, patches, status } = await reported({});
    expect(outcome).toBe('done');
    expect(patches).toEqual([[{ status }, { uid: 'cluster-uid', resourceVersion: '1' }, 'status']]);
  });

  it('writes nothing where the status is as it was', async () => {
    const { status } = await reported({});
    expect(await reported({ status })).toMatchObject({ outcome: 'done', patches: [], events: [] });
  });

  it('takes away what the status has no more', async () => {
    const { patches, status } = await reported({ status: { leftover: 'of 0.8' } });
    expect(patches).toEqual([[{ status: { ...status, leftover: null } }, expect.anything(), 'status']]);
  });

  it.each([409, 404])('is old where the API server answers with %i', async (code) => {
    const refusal = ApiError.fromAnswer('patch', code, '{}');
    await expect(reported({}, () => Promise.reject(refusal))).resolves.toMatchObject({ outcome: 'stale' });
  });

  it('fails where the status is refused', async () => {
    const refusal = ApiError.fromAnswer('patch', 422, '{"message":"status.phase is wrong"}');
    await expect(reported({}, () => Promise.reject(refusal))).rejects.toThrow('status.phase is wrong');
  });
});

describe('an event', () => {
  const pods = [aReadyPod(0), aReadyPod(1), aWaitingPod(2, 'ImagePullBackOff')];

  it('tells of all that is done', async () => {
    const old = [0, 1, 2].map((ordinal) => aReadyPod(ordinal, { version: '2.14.8' }));
    expect((await reported({ pods: old })).events).toEqual([
      'Normal: nats-2 runs 2.14.8, wanted 2.15.2; the other 2 members are ready and the routes are whole',
    ]);
  });

  it('tells of trouble once', async () => {
    const { events, status } = await reported({ pods });
    expect(events).toEqual([expect.stringMatching(/^Warning: nats-2 cannot pull image/)]);
    expect((await reported({ pods, status })).events).toEqual([]);
  });

  it('tells once of what is done again and again, such as asking a server that denies it', async () => {
    const access = { credentials: [{ user: 'operator', password: 'secret' }] };
    const wanted = aWanted({ config: 'new', access, size: 1 });
    const denial = { denial: 'unreachable', words: 'no way' } as const;
    const asked = (seconds: number) =>
      aReadyPod(0, {
        annotations: {
          [configAnnotation]: 'old',
          [toldAnnotation]: `new ${ago(60)} ${ago(seconds)}`,
          [deniedAnnotation]: recordOfDenied({ kind: 'reload', serverId: '', to: 'new' }, denial),
        },
      });
    const told: string[] = [];
    let status: object | undefined;
    // its kubelet is told, the file comes, and its server is asked, over and over
    for (const seconds of [11, 0.1, 1, 11, 0.1, 1]) {
      const outcome = await reported({ pods: [asked(seconds)], wanted, status });
      told.push(...outcome.events);
      if (status) expect(outcome.patches).toEqual([]);
      status = outcome.status;
    }
    expect(told).toEqual([
      expect.stringMatching(/^Normal: nats-0 is asked again/),
      expect.stringMatching(/^Warning: nats-0 can't be asked to load the new config/),
    ]);
  });

  it('does not tell of waiting', async () => {
    expect((await reported({ pods: [anUnreadyPod(0)], wanted: aWanted({ size: 1 }) })).events).toEqual([]);
  });
});

describe('a plan of which the API server refused something', () => {
  it('leaves a request that was part of it to be carried out', () => {
    const view = aJetStreamView({
      situation: { metadata: { annotations: { [requestAnnotations.stepDownMetaLeader]: 'now' } } },
    });
    const plan = { view, steps: stepDownOnRequest(view), mayGo: false };
    expect(statusOf(plan).metaLeaderStepDown).toBe('now');
    const { metaLeaderStepDown, conditions } = statusOf(refused(plan, 'exceeded quota'));
    expect(metaLeaderStepDown).toBeUndefined();
    expect(conditions).toContainEqual(expect.objectContaining({ reason: 'Refused', message: 'exceeded quota' }));
  });
});
