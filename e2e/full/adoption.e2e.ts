import { eventually } from '../cluster/eventually';
import { isReady, NatsClusters } from '../testing/nats-clusters';
import { makePredecessor } from '../testing/predecessor';
import { Traffic } from '../testing/traffic/traffic';

const namespace = 'adoption';
const name = 'busy';
const size = 3;

// Each test finds what the one before it left.
describe.each(['2.10.29', '1.0.4'])('a cluster that nats-operator 0.8 left, of %s', (version) => {
  let clusters: NatsClusters;
  let traffic: Traffic;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await makePredecessor(clusters, { name, size, version });
    traffic = await Traffic.start(clusters, `nats://${name}:4222`);
  }, 300_000);

  afterAll(() => clusters.remove(), 150_000);

  it('is taken over member by member, while its clients lose nothing but connections', async () => {
    const before = await traffic.flows();
    const old = await clusters.pods(name);
    const seen = new Set<string>();
    let fewest = size;
    let silentServices = 0;
    await clusters.edit(name, { paused: false });
    await eventually(300, async () => {
      const pods = await clusters.pods(name);
      const ready = pods.filter(isReady);
      fewest = Math.min(fewest, ready.length);
      for (const { metadata } of pods) seen.add(metadata.name);
      const isMixed = old.some(({ metadata }) => ready.some((pod) => pod.metadata.uid === metadata.uid));
      if (isMixed && (await addressesOf(`${name}-mgmt`)) === 0) silentServices++;
      for (const { metadata } of old) expect(pods.map((pod) => pod.metadata.uid)).not.toContain(metadata.uid);
      await clusters.expectSettled(name, size, version);
    });
    const after = await traffic.flows();
    console.log(`taken over from 0.8, ${version}`, after, 'was', before, { fewest, pods: seen.size });
    expect(fewest).toBeGreaterThanOrEqual(size - 1);
    expect(silentServices).toBe(0);
    expect(seen.size).toBe(2 * size);
    expect(after.lostWhileConnected).toEqual(before.lostWhileConnected);
    expect(Math.max(...after.reconnects, after.publisherReconnects)).toBeLessThanOrEqual(2 * size);
  }, 400_000);

  it('has no management service any more, as nobody asks for it, and nats.conf has no route to old pods', async () => {
    await eventually(60, async () => {
      expect(await clusters.run('get', 'service', '-o', 'name')).toBe(`service/${name}\nservice/${name}-routes\n`);
    });
    const { data } = await clusters.kubectl.get<{ data: Record<string, string> }>('secret', name, '-n', namespace);
    expect(Buffer.from(data['nats.conf'] ?? '', 'base64').toString()).not.toContain('-mgmt');
  }, 90_000);

  it('gets its management service back where an annotation asks for it', async () => {
    await clusters.run('annotate', 'nats', name, 'nats.io/keep-management-service=true');
    await eventually(60, async () => { expect(await addressesOf(`${name}-mgmt`)).toBe(size); });
  }, 90_000);

  it('says in its status what all others say', async () => {
    const { status } = await clusters.get(name);
    const types = status?.conditions.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['Ready', 'Progressing', 'Degraded', 'ConfigValid']));
    expect(types).not.toContain('ScalingUp');
  });

  /** How many pods a service leads to. */
  async function addressesOf(service: string): Promise<number> {
    const { items } = await clusters.kubectl.get<{ items: { endpoints: { addresses: string[] }[] | null }[] }>(
      ...['endpointslices', '-n', namespace, '-l', `kubernetes.io/service-name=${service}`],
    );
    return items.flatMap(({ endpoints }) => endpoints ?? []).length;
  }
});
