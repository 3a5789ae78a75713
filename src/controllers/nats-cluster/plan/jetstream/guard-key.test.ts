import { type Encryption } from '../../../../templates/encryption';
import { encryptionAnnotation } from '../../../../templates/names';
import { anUnreadyPod, aReadyPod, aStored, aWanted, actionsOf, aSituation } from '../makers';
import { planCluster } from '../plan';
import { type Pod, type Situation } from '../situation';

const config = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nats' } };
const written = (key: string) => ({ [encryptionAnnotation]: key });
const running = [0, 1, 2].map((ordinal) => aReadyPod(ordinal, { annotations: written('old') }));
const aClaim = (ordinal: number, key: string) =>
  aStored('PersistentVolumeClaim', `nats-${ordinal}`, { annotations: written(key), labels: { nats_cluster: 'nats' } });
const another: Encryption = { secret: { name: 'keys', key: 'k' }, now: 'new' };

function plan(
  encryption: Encryption | undefined,
  {
    pods = running,
    objects = [],
    version = '2.10.29',
    streamsOf = 'cluster',
  }: {
    pods?: readonly Pod[];
    objects?: Situation['objects'];
    version?: string;
    streamsOf?: 'cluster' | 'super-cluster';
  } = {},
) {
  const wanted = aWanted({
    encryption,
    version,
    jetStream: true,
    streamsOf,
    storage: true,
    restartHash: 'changed',
    objects: [config],
  });
  return planCluster(aSituation({ pods, objects, wanted })).steps;
}

describe('another key in the secret that files of streams are encrypted with', () => {
  it('is written nowhere and restarts nothing where the spec does not name the one before', () => {
    const steps = plan(another);
    expect(actionsOf(steps)).toEqual([]);
    expect(steps).toMatchObject([{ topic: 'Degraded', reason: 'SecretInvalid' }]);
    expect(steps[0]?.because).toMatch(/^secret keys, .*previousKeySecret/);
  });

  it('goes to the members where it does', () => {
    expect(actionsOf(plan({ ...another, before: 'old' }))).toContain('apply Secret nats');
  });

  it.each(['cluster', 'super-cluster'] as const)(
    'is held back in spite of that where servers of a %s can not take it',
    (streamsOf) => {
      const steps = plan({ ...another, before: 'old' }, { version: '2.15.2', streamsOf });
      expect(actionsOf(steps)).toEqual([]);
      expect(steps[0]).toMatchObject({ topic: 'Degraded', reason: 'KeyFixed' });
      expect(steps[0]?.because).toMatch(
        /^spec.jetstream.encryption.previousKeySecret: .*2.15.2.*put the old value back/,
      );
      // one that has been taken over may still be named
      expect(actionsOf(plan({ ...another, now: 'old', before: 'older' }, { version: '2.15.2' }))).toContain(
        'apply Secret nats',
      );
    },
  );

  it('is held back also where only claims are left that were kept, and says how to give them up', () => {
    const kept = { pods: [], objects: [0, 1, 2].map((ordinal) => aClaim(ordinal, 'old')) };
    const steps = plan(another, kept);
    expect(actionsOf(steps)).toEqual([]);
    expect(steps[0]?.because).toMatch(/kubectl delete pvc -n default nats-0 nats-1 nats-2/);
    expect(actionsOf(plan({ ...another, before: 'old' }, kept))).toContain('create member 0');
    expect(actionsOf(plan({ ...another, now: 'old' }, kept))).toContain('create member 0');
  });

  it('has taken over when a server serves with it, and not before', () => {
    const objects = [aClaim(2, 'old')];
    const restarted = (two: Pod) => [
      ...[0, 1].map((ordinal) => aReadyPod(ordinal, { annotations: written('new') })),
      two,
    ];
    const serving = restarted(aReadyPod(2, { annotations: written('new') }));
    expect(actionsOf(plan(another, { pods: serving, objects }))).toContain('apply Secret nats');
    const starting = restarted(anUnreadyPod(2, { annotations: written('new') }));
    expect(plan(another, { pods: starting, objects })).toMatchObject([{ reason: 'SecretInvalid' }, {}]);
  });
});

describe('encryption that is taken away from streams that are encrypted', () => {
  it.each([
    ['servers', { pods: running }],
    ['claims that were kept', { pods: [], objects: [aClaim(1, 'old')] }],
  ])('is written nowhere and restarts nothing: of %s', (_, seen) => {
    const steps = plan(undefined, seen);
    expect(actionsOf(steps)).toEqual([]);
    expect(steps[0]).toMatchObject({ topic: 'Degraded', reason: 'KeyMissing' });
    expect(steps[0]?.because).toMatch(/^spec.jetstream.encryption .*put it back/);
  });

  it('is no matter where JetStream is off, and claims are left alone', () => {
    const wanted = aWanted({ objects: [config] });
    const { steps } = planCluster(aSituation({ pods: running, objects: [aClaim(1, 'old')], wanted }));
    expect(actionsOf(steps)).toEqual(['apply Secret nats']);
  });
});
