import { CertificateAuthority } from '../cluster/control-plane/certificates';
import { eventually } from '../cluster/eventually';
import { isReady, NatsClusters } from '../testing/nats-clusters';
import { makePredecessor } from '../testing/predecessor';
import { Traffic } from '../testing/traffic/traffic';

const namespace = 'adoption';
const name = 'busy';
const size = 3;
const messagesInASecond = 100;
const version = '2.10.29';

interface Made {
  readonly predecessor: Partial<Parameters<typeof makePredecessor>[1]>;
  /** What its clients need. */
  readonly needed?: Parameters<typeof Traffic.start>[2];
}

function plain(): Promise<Made> {
  return Promise.resolve({ predecessor: {} });
}

/** As 0.8 wants its secrets; the certificate of routes is valid for the names of new members already, as the docs ask for. */
async function secured({ kubectl }: NatsClusters): Promise<Made> {
  const authority = await CertificateAuthority.create('nats');
  const ca = authority.pair.certificate;
  const server = await authority.issue({ commonName: 'server', names: [name, `${name}.${namespace}.svc`] });
  const names = ['mgmt', 'routes'].map((service) => `*.${name}-${service}.${namespace}.svc`);
  const route = await authority.issue({ commonName: 'route', names });
  const [user, pass] = ['app', 'of-the-app'];
  const authorization = { users: [{ username: user, password: pass }] };
  const secret = (secretName: string, stringData: object) => ({
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName, namespace }, stringData },
  });
  await kubectl.apply(
    secret('clients-tls', { 'ca.pem': ca, 'server.pem': server.certificate, 'server-key.pem': server.key }),
    secret('routes-tls', { 'ca.pem': ca, 'route.pem': route.certificate, 'route-key.pem': route.key }),
    secret('clients-auth', { 'clients-auth.json': JSON.stringify(authorization) }),
  );
  const secrets = { serverSecret: 'clients-tls', routesSecret: 'routes-tls', clientsAuthSecret: 'clients-auth' };
  return { predecessor: { secured: { ...secrets, authorization } }, needed: { user, pass, tls: { ca } } };
}

// Each test finds what the one before it left.
// 0.8.3 itself can't run 1.0.4, which knows neither its flags nor braces around a config.
describe.each([
  ['without TLS', plain],
  ['with TLS for clients and routes, and users', secured],
])('a cluster that nats-operator 0.8 left, %s', (_, make) => {
  let clusters: NatsClusters;
  let traffic: Traffic;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    const { predecessor, needed } = await make(clusters);
    await makePredecessor(clusters, { name, size, version, ...predecessor });
    traffic = await Traffic.start(clusters, `nats://${name}:4222`, needed);
  }, 300_000);

  afterAll(() => clusters.remove(), 320_000);

  it('is taken over member by member, while its clients lose nothing but connections', async () => {
    const before = await traffic.flows();
    const old = await clusters.pods(name);
    let fewest = size;
    let silentServices = 0;
    await clusters.edit(name, { paused: false });
    await eventually(300, async () => {
      const addresses = await addressesOf(`${name}-mgmt`);
      const pods = await clusters.pods(name);
      fewest = Math.min(fewest, pods.filter(isReady).length);
      const isMixed = old.some(({ metadata }) => pods.some((pod) => isReady(pod) && pod.metadata.uid === metadata.uid));
      if (isMixed && addresses === 0) silentServices++;
      for (const { metadata } of old) expect(pods.map((pod) => pod.metadata.uid)).not.toContain(metadata.uid);
      await clusters.expectSettled(name, size, version);
    });
    const after = await traffic.flows();
    console.log(`taken over from 0.8, ${version}`, after, 'was', before, { fewest });
    expect(fewest).toBeGreaterThanOrEqual(size - 1);
    expect(silentServices).toBe(0);
    // pods of 0.8 end without lame duck mode: what they have taken and not yet passed on is lost
    expect(after.missedByAll).toBeLessThan(3 * messagesInASecond);
    // old servers without a cluster name take that of the first new one, and make their routes anew, once (server/route.go): a
    // second after the old ones have ended (server/const.go, DEFAULT_ROUTE_RECONNECT), and what a busy machine adds
    expect(Math.max(...after.lostWhileConnected)).toBeLessThan(3 * messagesInASecond);
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
    await eventually(60, async () => {
      expect(await addressesOf(`${name}-mgmt`)).toBe(size);
    });
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
