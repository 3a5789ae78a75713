import { CertificateAuthority } from '../cluster/control-plane/certificates';
import { eventually } from '../cluster/eventually';
import { JetStreamTraffic } from '../testing/jetstream-traffic/jetstream-traffic';
import { NatsClusters, type Pod } from '../testing/nats-clusters';

const namespace = process.env.HELD_NAMESPACE ?? 'jetstream-held';
const name = 'guarded';
const version = '2.15.2';
const encryption = (secret: string, previous?: string) => ({
  keySecret: { name: secret, key: 'key' },
  previousKeySecret: previous === undefined ? null : { name: previous, key: 'key' },
});
const spec = (jetstream: object) => ({
  size: 3,
  version,
  lameDuckDurationSeconds: 30,
  jetstream: { memoryLimit: '64Mi', fileStorage: { size: '200Mi' }, ...jetstream },
});

// What would cost streams or the majority is not done, and said; what people then do about it works. Each test finds what the
// one before it left.
describe('a change that JetStream would not survive', () => {
  let clusters: NatsClusters;
  let traffic: JetStreamTraffic;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await secret('first', { key: 'the first key' });
    await secret('second', { key: 'the second key' });
    await secret('routes', await routeCertificate());
    await clusters.create(name, spec({ encryption: { keySecret: { name: 'first', key: 'key' } } }));
    await clusters.settled(name, 3, version, 240);
    traffic = await JetStreamTraffic.start(clusters, `nats://${name}:4222`);
  }, 500_000);

  afterAll(() => clusters.remove(), 320_000);

  it('TLS of routes is not switched on member by member', async () => {
    const before = await clusters.members(name);
    await clusters.edit(name, { tls: { routesSecret: 'routes' } });
    await clusters.condition(
      name,
      'ConfigValid',
      'False',
      `kubectl delete pod -n ${namespace} -l nats_cluster=${name}`,
    );
    await traffic.flows();
    expect((await clusters.members(name)).map(uid)).toEqual(before.map(uid));
    await clusters.edit(name, { tls: null });
    await clusters.condition(name, 'ConfigValid', 'True', '');
    await clusters.settled(name, 3, version);
    expect((await clusters.members(name)).map(uid)).toEqual(before.map(uid));
  }, 300_000);

  it.each([
    ['on', { routesSecret: 'routes' }],
    ['off', null],
  ])(
    'TLS of routes is switched %s when all members are restarted at once',
    async (_, tls) => {
      const before = await clusters.members(name);
      await clusters.edit(name, { tls });
      await clusters.condition(name, 'ConfigValid', 'False', 'spec.tls.routesSecret');
      await clusters.run('delete', 'pod', '-l', `nats_cluster=${name}`, '--wait=false');
      await clusters.healed(name, 3, version, before, 300);
      await clusters.condition(name, 'ConfigValid', 'True', '');
      await expectNothingLost();
    },
    500_000,
  );

  it('encryption is not taken away', async () => {
    const before = await clusters.members(name);
    await clusters.edit(name, { jetstream: { encryption: null } });
    await clusters.condition(name, 'Degraded', 'True', 'spec.jetstream.encryption is not there');
    await clusters.edit(name, { jetstream: { encryption: encryption('first') } });
    await clusters.condition(name, 'Degraded', 'False', '');
    expect((await clusters.members(name)).map(uid)).toEqual(before.map(uid));
    await expectNothingLost();
  }, 300_000);

  it('a cluster that is made again finds its streams only with the key that they were written with', async () => {
    await clusters.run('delete', 'nats', name, '--timeout=60s');
    await eventually(120, async () => {
      expect(await clusters.pods(name)).toEqual([]);
    });
    await clusters.create(name, spec({}));
    await clusters.condition(name, 'Degraded', 'True', 'spec.jetstream.encryption is not there');
    await clusters.edit(name, { jetstream: { encryption: encryption('second') } });
    await clusters.condition(name, 'Degraded', 'True', 'put the old value back, or move the streams');
    expect(await clusters.pods(name)).toEqual([]);
    // of which servers of a cluster open no consumers with the one before
    await clusters.edit(name, { jetstream: { encryption: encryption('second', 'first') } });
    await clusters.condition(name, 'Degraded', 'True', 'put the old value back there');
    expect(await clusters.pods(name)).toEqual([]);
    await clusters.edit(name, { jetstream: { encryption: encryption('first') } });
    await clusters.settled(name, 3, version, 300);
    await expectNothingLost();
  }, 1_500_000);

  it('a member with a volume of its node stays when it is asked to move away, and moves when its copy is given up', async () => {
    const [member] = (await clusters.members(name)) as [Pod];
    const { nodeName } = member.spec;
    await clusters.run('annotate', 'nats', name, '--overwrite', `nats.io/move-away-from=${nodeName}`);
    await clusters.condition(name, 'Degraded', 'True', `${name}-0 stays on ${nodeName}`);
    await clusters.condition(name, 'Degraded', 'True', `kubectl delete pvc -n ${namespace} ${name}-0`);
    expect((await clusters.members(name)).map(uid)).toContain(uid(member));
    await clusters.run('delete', 'pvc', `${name}-0`, '--wait=false');
    await clusters.run('delete', 'pod', member.metadata.name, '--wait=false');
    await clusters.healed(name, 3, version, [member], 300);
    expect((await clusters.members(name)).map(({ spec }) => spec.nodeName)).not.toContain(nodeName);
    await clusters.condition(name, 'Degraded', 'False', '');
    await clusters.run('annotate', 'nats', name, 'nats.io/move-away-from-');
    await expectNothingLost();
  }, 700_000);

  it('a member without a volume moves away when it is asked to', async () => {
    await clusters.create('light', {
      size: 3,
      version,
      lameDuckDurationSeconds: 30,
      jetstream: { memoryLimit: '64Mi' },
    });
    await clusters.settled('light', 3, version, 240);
    const before = await clusters.members('light');
    const nodeName = before[0]?.spec.nodeName ?? '';
    await clusters.run('annotate', 'nats', 'light', `nats.io/move-away-from=${nodeName}`);
    const there = before.filter(({ spec }) => spec.nodeName === nodeName);
    await clusters.healed('light', 3, version, there, 300);
    const after = await clusters.members('light');
    expect(after.map(({ spec }) => spec.nodeName)).not.toContain(nodeName);
    const others = before.filter((pod) => !there.includes(pod)).map(uid);
    expect(after.map(uid)).toEqual(expect.arrayContaining(others));
  }, 700_000);

  async function expectNothingLost(): Promise<void> {
    const account = await traffic.flows(180);
    console.log(expect.getState().currentTestName, account);
    expect(account).toMatchObject({ lost: 0, duplicated: 0 });
  }

  async function secret(of: string, stringData: Record<string, string>): Promise<void> {
    await clusters.kubectl.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: of, namespace }, stringData });
  }

  async function routeCertificate(): Promise<Record<string, string>> {
    const authority = await CertificateAuthority.create('routes');
    const names = [`*.${name}-routes.${namespace}.svc`, `${name}-routes.${namespace}.svc`];
    const { certificate, key } = await authority.issue({ commonName: 'route', names });
    return { 'ca.pem': authority.pair.certificate, 'route.pem': certificate, 'route-key.pem': key };
  }
});

function uid({ metadata }: Pod): string {
  return metadata.uid;
}
