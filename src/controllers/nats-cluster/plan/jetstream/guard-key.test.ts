import { type ReplicaGroup } from '../../../../nats/jetstream-report';
import { type Encryption } from '../../../../templates/encryption';
import { encryptionAnnotation } from '../../../../templates/names';
import { ago, anUnreadyPod, aReadyPod, aStored, aWanted, actionsOf, aSituation, sentencesOf } from '../makers';
import { planCluster } from '../plan';
import { type Pod, type Situation } from '../situation';
import { aStream } from './makers';

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
    version = '2.15.2',
    streamsOf = 'cluster',
  }: {
    pods?: readonly Pod[];
    objects?: Situation['objects'];
    version?: string;
    streamsOf?: 'cluster' | 'super-cluster';
  } = {},
) {
  const wanted = { ...wantedWith(encryption), version, streamsOf };
  return planCluster(aSituation({ pods, objects, wanted })).steps;
}

function wantedWith(encryption: Encryption | undefined) {
  return aWanted({ encryption, jetStream: true, storage: true, restartHash: 'changed', objects: [config] });
}

describe('another key in the secret that files of streams are encrypted with', () => {
  it('is written nowhere and restarts nothing where the spec does not name the one before', () => {
    const steps = plan(another);
    expect(actionsOf(steps)).toEqual([]);
    expect(steps).toMatchObject([{ topic: 'Degraded', reason: 'SecretInvalid' }]);
    expect(steps[0]?.because).toMatch(/^secret keys, .*put the old value back, or move the streams/);
  });

  it.each(['cluster', 'super-cluster'] as const)(
    'is held back in spite of that in a %s, whose servers lose consumers by it, or do not even start',
    (streamsOf) => {
      for (const version of ['2.10.29', '2.15.2']) {
        const steps = plan({ ...another, before: 'old' }, { version, streamsOf });
        expect(actionsOf(steps)).toEqual([]);
        expect(steps[0]).toMatchObject({ topic: 'Degraded', reason: 'KeyFixed' });
        expect(steps[0]?.because).toMatch(/^spec.jetstream.encryption.previousKeySecret: .*put the old value back/);
      }
      // one that has been taken over may still be named
      expect(actionsOf(plan({ ...another, now: 'old', before: 'older' }))).toContain('apply Secret nats');
    },
  );

  describe('of a single server, where the spec names the one before,', () => {
    const named = { ...another, before: 'old' };
    const single = (
      groups: readonly ReplicaGroup[] | undefined,
      pods: readonly Pod[] = running.slice(0, 1),
      objects: Situation['objects'] = [],
    ) => {
      const wanted = { ...wantedWith(named), size: 1, streamsOf: 'one-server' as const };
      const report = { enabled: true, streams: 1, groups };
      const server = { id: 'S', version: '2.15.2', routes: new Set<string>(), jetStream: report };
      const servers = new Map([['pod-0', server]]);
      return planCluster(aSituation({ pods, wanted, servers, objects })).steps;
    };
    const stream = aStream('ORDERS', [0]);
    const consumer = aStream('ORDERS', [0], { consumer: 'worker' });

    it('is taken over', () => {
      expect(actionsOf(single([stream]))).toContain('apply Secret nats');
      // what is in memory goes with any restart
      expect(actionsOf(single([stream, { ...consumer, inMemory: true }]))).toContain('apply Secret nats');
    });

    it('is held back while there are consumers in files, which would be lost', () => {
      const steps = single([stream, consumer]);
      expect(actionsOf(steps)).toEqual([]);
      expect(steps[0]).toMatchObject({ topic: 'Degraded', reason: 'ConsumersInTheWay' });
      expect(steps[0]?.because).toMatch(
        /^spec.jetstream.encryption.previousKeySecret: .*consumer worker of stream ORDERS.*put the old value back/,
      );
    });

    it('is held back while it is not known whether there are', () => {
      expect(actionsOf(single(undefined))).toEqual([]);
      expect(sentencesOf(single(undefined))[0]).toMatch(
        /previousKeySecret: whether nats-0 has consumers.*can not be told/,
      );
    });

    const stopped: [string, Pod[], Situation['objects']][] = [
      ['is not ready', [anUnreadyPod(0, { annotations: written('old') })], []],
      ['is on its way out', [aReadyPod(0, { annotations: written('old'), deleted: ago(1) })], []],
      ['is gone', [], [aClaim(0, 'old')]],
    ];
    it.each(stopped)('is held back while the server %s, as nobody knows what it has', (_, pods, objects) => {
      const steps = single(undefined, pods, objects);
      expect(actionsOf(steps)).toEqual([]);
      expect(steps[0]).toMatchObject({ topic: 'Degraded', reason: 'ConsumersInTheWay' });
      expect(steps[0]?.because).toMatch(/is not known before it serves and tells: put the old value back/);
    });

    it.each(stopped)(
      'goes on where it %s and the config was written, as it said before that it has none',
      (_, pods, objects) => {
        expect(sentencesOf(single(undefined, pods, [...objects, aStored('Secret', 'nats')]))).not.toContainEqual(
          expect.stringContaining('previousKeySecret'),
        );
      },
    );
  });

  it('is held back also where only claims are left that were kept, and says how to give them up', () => {
    const kept = { pods: [], objects: [0, 1, 2].map((ordinal) => aClaim(ordinal, 'old')) };
    const steps = plan(another, kept);
    expect(actionsOf(steps)).toEqual([]);
    expect(steps[0]?.because).toMatch(/kubectl delete pvc -n default nats-0 nats-1 nats-2/);
    expect(actionsOf(plan({ ...another, before: 'old' }, kept))).toEqual([]);
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
