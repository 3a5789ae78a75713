import { aCluster } from '../../resources/testing/a-cluster';
import { memberClaim } from '../claim';
import { memberPod } from '../pod/pod';
import { restartHash } from '../restart-hash';
import { type Secrets } from '../secrets';
import { unsupported } from '../unsupported';
import { natsConf } from './nats-conf';

function conf(spec: Record<string, unknown>, secrets: Secrets = new Map()): Record<string, unknown> {
  const text = natsConf(aCluster(spec), secrets);
  return JSON.parse(`{${text.trim().split('\n').join(',')}}`) as Record<string, unknown>;
}

const keys = (values: Record<string, string>): Secrets => new Map([['keys', new Map(Object.entries(values))]]);
const files = (rest: object = {}) => ({ jetstream: { fileStorage: { size: '10Gi', ...rest } } });
const encrypted = (version = '2.15.2') => ({
  version,
  jetstream: {
    fileStorage: { size: '1Gi' },
    encryption: {
      cipher: 'aes',
      keySecret: { name: 'keys', key: 'new' },
      previousKeySecret: { name: 'keys', key: 'old' },
    },
  },
});

describe('JetStream in nats.conf', () => {
  it('is off where the spec does not ask for it', () => {
    expect(conf({})).not.toHaveProperty('jetstream');
  });

  it('leaves a tenth of the claim free, as a full volume stops it', () => {
    expect(conf(files()).jetstream).toMatchObject({ store_dir: '/data', max_file: Math.floor(10 * 2 ** 30 * 0.9) });
  });

  it('uses so much of the claim as the spec says', () => {
    expect(conf(files({ limit: '1Gi' })).jetstream).toMatchObject({ max_file: 2 ** 30 });
  });

  it('keeps no streams on files that go with the pod', () => {
    expect(conf({ jetstream: {} }).jetstream).toMatchObject({ max_file: 0 });
  });

  it.each([
    [{ jetstream: { memoryLimit: '64Mi' } }, 64 * 2 ** 20],
    [{ jetstream: {}, pod: { resources: { limits: { memory: '1Gi' } } } }, 2 ** 29],
    [{ jetstream: {}, pod: { resources: { limits: { memory: '1e9' } } } }, 5e8],
    [{ jetstream: {} }, undefined],
  ])('takes as much memory as %j allows', (spec, max_mem) => {
    expect((conf(spec).jetstream as { max_mem?: number }).max_mem).toBe(max_mem);
  });

  it('has domain, tag and limits of the spec', () => {
    const limits = { maxAckPending: 1, maxHaAssets: 2, maxRequestBatch: 3, duplicateWindow: '4m' };
    expect(conf({ jetstream: { domain: 'hub', uniqueTag: 'az:', limits } }).jetstream).toMatchObject({
      domain: 'hub',
      unique_tag: 'az:',
      limits: { max_ack_pending: 1, max_ha_assets: 2, max_request_batch: 3, duplicate_window: '4m' },
    });
  });

  it('encrypts with the keys of the secret, without the line break that an editor left behind', () => {
    const secrets = keys({ new: 'new key\n', old: 'old key' });
    expect(conf(encrypted(), secrets).jetstream).toMatchObject({
      cipher: 'aes',
      key: 'new key',
      prev_encryption_key: 'old key',
    });
  });

  it('is never written without a key that it should have', () => {
    expect(() => conf(encrypted(), keys({ old: 'old key' }))).toThrow('secret keys has no key new');
  });

  it('has no cluster around a single server, which would wait for a majority for ever', () => {
    expect(conf({ size: 1, ...files() })).not.toHaveProperty('cluster');
    expect(conf({ size: 1 })).toHaveProperty('cluster');
    expect(conf({ size: 2, ...files() })).toHaveProperty('cluster');
    // behind gateways the servers of all clusters are one group
    expect(conf({ size: 1, ...files(), gatewayConfig: { name: 'a' } })).toHaveProperty('cluster');
  });
});

describe('a version that is too old for JetStream', () => {
  it.each([
    ['2.2.0', { jetstream: { domain: 'hub' } }, 'spec.jetstream.domain'],
    ['2.7.4', { jetstream: { uniqueTag: 'az:' } }, 'spec.jetstream.uniqueTag'],
    ['2.7.4', { jetstream: { limits: { maxHaAssets: 1 } } }, 'spec.jetstream.limits'],
    ['2.9.0', encrypted(), 'spec.jetstream.encryption.previousKeySecret'],
  ])('%s refuses %j by the name of the field', (version, spec, field) => {
    expect(unsupported(aCluster({ ...spec, version })).map((problem) => problem.field)).toEqual([field]);
  });
});

describe('the restart hash with JetStream', () => {
  const hash = (spec: Record<string, unknown>) => restartHash(aCluster(spec).spec, false);

  it('changes where JetStream is turned on with nothing but defaults', () => {
    expect(hash({ jetstream: {} })).not.toBe(hash({}));
  });

  it('stays the same while a claim grows and where it is to go', () => {
    const grown = { jetstream: { fileStorage: { size: '20Gi', retention: { whenDeleted: 'Delete' } } } };
    expect(hash(grown)).toBe(hash(files()));
  });

  it('changes where a single server becomes a cluster, and not with other sizes', () => {
    expect(hash({ size: 1, ...files() })).not.toBe(hash({ size: 3, ...files() }));
    expect(hash({ size: 5, ...files() })).toBe(hash({ size: 3, ...files() }));
  });
});

describe('the pod of a member with JetStream', () => {
  interface PodSpec {
    containers: { volumeMounts: object[]; startupProbe: object; readinessProbe: object }[];
    volumes: object[];
  }
  const pod = (spec: Record<string, unknown>) => memberPod(aCluster(spec), 2, 'any').spec as unknown as PodSpec;

  it('has the claim of its member mounted', () => {
    const { containers, volumes } = pod(files());
    expect(volumes).toContainEqual({ name: 'store', persistentVolumeClaim: { claimName: 'nats-2' } });
    expect(containers[0]?.volumeMounts).toContainEqual({ name: 'store', mountPath: '/data' });
  });

  it('has a place for what JetStream knows of the cluster even without claims', () => {
    expect(pod({ jetstream: {} }).volumes).toContainEqual({ name: 'store', emptyDir: {} });
  });

  it.each([
    ['2.15.2', '/healthz?js-enabled-only=true'],
    ['2.9.0', '/'],
  ])('of %s is ready whatever its peers and replicas do', (version, path) => {
    const [server] = pod({ version, ...files() }).containers;
    expect(server?.startupProbe).toMatchObject({ httpGet: { path } });
    expect(server?.readinessProbe).toMatchObject({ httpGet: { path } });
  });
});

describe('the claim of a member', () => {
  const claim = (fileStorage: Record<string, unknown>, size = 3) => {
    const cluster = aCluster({ size, jetstream: { fileStorage: { size: '1Gi', ...fileStorage } } });
    return memberClaim(cluster, 1, cluster.spec.jetstream!.fileStorage!);
  };

  it('has its name and the labels of the cluster', () => {
    expect(claim({ storageClassName: 'fast' })).toMatchObject({
      metadata: { name: 'nats-1', namespace: 'default', labels: { nats_cluster: 'nats', 'nats.io/member': '1' } },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'fast',
        resources: { requests: { storage: '1Gi' } },
      },
    });
  });

  it('is not owned by the cluster, so that its data stays', () => {
    expect(claim({}).metadata).not.toHaveProperty('ownerReferences');
  });

  it('is owned where it is to go with the cluster', () => {
    const { metadata } = claim({ retention: { whenDeleted: 'Delete' } });
    expect(metadata).toMatchObject({ ownerReferences: [{ kind: 'NatsCluster', name: 'nats' }] });
  });

  it('says whether its streams are those of a single server', () => {
    expect(claim({}, 1).metadata.annotations).toEqual({ 'nats.io/streams-of': 'one-server' });
    expect(claim({}, 3).metadata.annotations).toEqual({ 'nats.io/streams-of': 'cluster' });
  });
});
