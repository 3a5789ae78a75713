import { JetStreamTraffic } from '../testing/jetstream-traffic/jetstream-traffic';
import { eventually } from '../cluster/eventually';
import { NatsClusters } from '../testing/nats-clusters';

const namespace = 'super-cluster';
const names = ['east', 'west'];

interface Member {
  name: string;
  role?: string;
}

// Each test finds what the one before it left. Gateways make the JetStream servers of both clusters one group.
describe('two clusters with JetStream that gateways join', () => {
  let clusters: NatsClusters;
  let traffic: JetStreamTraffic;
  let leading: string;
  /** The one whose members are all led by a server of the other: the operator has to look beyond the cluster. */
  let led: string;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await Promise.all(names.map((name) => clusters.create(name, spec())));
    await Promise.all(names.map((name) => clusters.settled(name, 3, '2.14.9', 300)));
    await eventually(120, async () => {
      leading = (await leaders())[0] ?? '';
      expect(names).toContain(leading);
    });
    led = names.find((name) => name !== leading) ?? '';
    traffic = await JetStreamTraffic.start(clusters, `nats://${led}:4222`);
  }, 600_000);

  afterAll(() => clusters.remove(), 320_000);

  it('are well, although the leader is a server of one of them and the other one has none', async () => {
    for (const name of names) await clusters.condition(name, 'JetStreamHealthy', 'True', 'current', 120);
    // an election may be under way, and a status follows a moment later
    await eventually(120, async () => {
      expect(await leaders()).toHaveLength(1);
    });
  }, 300_000);

  it('are upgraded without loss, first the one that does not lead', async () => {
    await clusters.edit(led, { version: '2.15.2' });
    await clusters.settled(led, 3, '2.15.2', 300);
    await clusters.edit(leading, { version: '2.15.2' });
    await clusters.settled(leading, 3, '2.15.2', 300);
    expect(await traffic.flows()).toMatchObject({ lost: 0, duplicated: 0 });
  }, 720_000);

  it('grow and shrink each by itself: a member that leaves is taken out of the group, and those of the other are not', async () => {
    const [other = ''] = names.filter((name) => name !== led);
    const before = (await clusters.pods(other)).map(({ metadata }) => metadata.uid).sort();
    await clusters.edit(led, { size: 4 });
    await clusters.settled(led, 4, '2.15.2', 300);
    await clusters.edit(led, { size: 3 });
    await clusters.settled(led, 3, '2.15.2', 300);
    for (const name of names) await clusters.condition(name, 'JetStreamHealthy', 'True', 'current', 120);
    expect((await clusters.pods(other)).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
    expect(await traffic.flows()).toMatchObject({ lost: 0, duplicated: 0 });
  }, 780_000);

  it('take in no cluster that has streams, all of which would be lost', async () => {
    const name = 'north';
    const { gatewayConfig, ...alone } = spec();
    await clusters.create(name, { ...alone, version: '2.15.2' });
    await clusters.settled(name, 3, '2.15.2', 300);
    const its = { pod: 'traffic-north', stream: 'NORTH' };
    const own = await JetStreamTraffic.start(clusters, `nats://${name}:4222`, its);
    const before = (await clusters.pods(name)).map(({ metadata }) => metadata.uid).sort();
    await clusters.edit(name, { gatewayConfig });
    await clusters.condition(name, 'ConfigValid', 'False', 'spec.gatewayConfig: stream NORTH', 60);
    expect((await clusters.pods(name)).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
    expect(await own.flows()).toMatchObject({ lost: 0 });
  }, 600_000);

  it('take in one that is listed later when it has joined from its side, which it does without streams', async () => {
    const version = String((await clusters.get(led)).spec.version);
    const before = await clusters.pods(led);
    const { gateways } = spec().gatewayConfig;
    const south = { name: 'south', url: `nats://south-routes.${namespace}.svc:7222` };
    await clusters.edit(led, { gatewayConfig: { gateways: [...gateways, south] } });
    await clusters.condition(led, 'ConfigValid', 'False', 'south is not connected', 60);
    await clusters.create('south', { ...spec(), version });
    await clusters.settled('south', 3, version, 300);
    await clusters.healed(led, 3, version, before, 400);
    await clusters.condition(led, 'ConfigValid', 'True', '');
    expect(await traffic.flows()).toMatchObject({ lost: 0, duplicated: 0 });
  }, 900_000);

  function spec() {
    return {
      size: 3,
      version: '2.14.9',
      jetstream: { memoryLimit: '32Mi', fileStorage: { size: '200Mi' } },
      gatewayConfig: {
        gateways: names.map((name) => ({ name, url: `nats://${name}-routes.${namespace}.svc:7222` })),
      },
      pod: { disableGatewaysHostPort: true },
    };
  }

  /** The clusters that a server leads the group from, as their status tells. */
  async function leaders(): Promise<string[]> {
    const found = await Promise.all(
      names.map(async (name) => {
        const { status } = await clusters.get(name);
        const { members = [] } = (status ?? {}) as { members?: Member[] };
        return members.some(({ role }) => role === 'MetaLeader') ? [name] : [];
      }),
    );
    return found.flat();
  }
});
