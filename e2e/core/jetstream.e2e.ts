import { eventually } from '../cluster/eventually';
import { JetStreamTraffic } from '../testing/jetstream-traffic/jetstream-traffic';
import { NatsClusters } from '../testing/nats-clusters';

const namespace = 'jetstream';
const name = 'store';
const spec = (version: string) => ({
  size: 3,
  version,
  lameDuckDurationSeconds: 30,
  jetstream: { memoryLimit: '64Mi', fileStorage: { size: '200Mi' } },
});

interface Claim {
  metadata: { name: string; uid: string; ownerReferences?: object[] };
  status: { phase: string };
}

// Each test finds what the one before it left.
describe('a cluster with JetStream', () => {
  let clusters: NatsClusters;
  let traffic: JetStreamTraffic;
  let claimsBefore: string[];

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await clusters.create(name, spec('2.10.29'));
    await clusters.settled(name, 3, '2.10.29');
    traffic = await JetStreamTraffic.start(clusters, `nats://${name}:4222`);
  }, 900_000);

  afterAll(() => clusters.remove(), 330_000);

  it('has a claim for each member that outlives the cluster', async () => {
    const claims = await claimsOf();
    expect(claims.map(({ metadata, status }) => `${metadata.name} ${status.phase}`)).toEqual([
      'store-0 Bound',
      'store-1 Bound',
      'store-2 Bound',
    ]);
    for (const { metadata } of claims) expect(metadata.ownerReferences ?? []).toEqual([]);
    claimsBefore = claims.map(({ metadata }) => metadata.uid);
  });

  it('says who leads, and that all replicas are current', async () => {
    await clusters.condition(name, 'JetStreamHealthy', 'True', 'current');
    await eventually(60, async () => {
      const { status } = await clusters.get(name);
      const roles = (status as { members?: { role?: string }[] }).members?.map(({ role }) => role).sort();
      expect(roles).toEqual(['MetaFollower', 'MetaFollower', 'MetaLeader']);
    });
  }, 240_000);

  it('loses nothing in an upgrade from 2.10.29 to 2.15.2', async () => {
    await clusters.edit(name, { version: '2.15.2' });
    await clusters.settled(name, 3, '2.15.2', 300);
    expectNothingLost('upgrade', await traffic.flows());
  }, 900_000);

  it('finds its streams again when it was deleted and is made again', async () => {
    const before = await traffic.account();
    await clusters.run('delete', 'nats', name, '--timeout=150s');
    await eventually(120, async () => {
      expect(await clusters.pods(name)).toEqual([]);
    });
    await clusters.create(name, spec('2.15.2'));
    await clusters.settled(name, 3, '2.15.2', 300);
    const after = await traffic.flows(120);
    expectNothingLost('deleted and made again', after);
    expect(after.acknowledged).toBeGreaterThan(before.acknowledged);
    expect((await claimsOf()).map(({ metadata }) => metadata.uid)).toEqual(claimsBefore);
  }, 900_000);

  function expectNothingLost(what: string, account: Awaited<ReturnType<JetStreamTraffic['account']>>): void {
    console.log(what, account);
    expect(account).toMatchObject({ lost: 0, duplicated: 0 });
  }

  async function claimsOf(): Promise<Claim[]> {
    const { items } = await clusters.kubectl.get<{ items: Claim[] }>(
      'pvc',
      '-n',
      namespace,
      '-l',
      `nats_cluster=${name}`,
    );
    return items;
  }
});
