import { eventually } from '../cluster/eventually';
import { itCutsPower } from '../testing/it-cuts-power';
import { isReady, NatsClusters, type Pod } from '../testing/nats-clusters';

const namespace = 'healing';
const name = 'patient';

// Each test finds what the one before it left: a cluster of three that is well.
describe.each(['1.0.4', '2.15.2'])('a cluster of %s', (version) => {
  let clusters: NatsClusters;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await clusters.create(name, { size: 3, version });
    await clusters.settled(name, 3, version);
  }, 600_000);

  afterAll(() => clusters.remove(), 330_000);

  it('replaces a deleted pod', async () => {
    const [victim] = await clusters.members(name);
    await clusters.run('delete', 'pod', victim!.metadata.name, '--wait=false');
    await clusters.healed(name, 3, version, [victim!]);
  }, 400_000);

  it('is whole again after a server process ends', async () => {
    const [{ metadata }] = (await clusters.members(name)) as [Pod];
    const restarts = () =>
      clusters.run('get', 'pod', metadata.name, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}');
    const before = Number(await restarts());
    const program = version.startsWith('1.') ? '/gnatsd' : '/nats-server';
    await eventually(120, async () => {
      // that the call ends with the server is no fault; one that did not reach it is made again
      await clusters.run('exec', metadata.name, '--', program, '--signal', 'quit=1').catch(() => undefined);
      expect(Number(await restarts())).toBeGreaterThan(before);
    });
    await clusters.settled(name, 3, version);
  }, 600_000);

  it('replaces all pods that are deleted at once', async () => {
    const victims = await clusters.members(name);
    await clusters.run('delete', 'pod', '--grace-period=0', '--force', ...victims.map(({ metadata }) => metadata.name));
    await clusters.healed(name, 3, version, victims);
  }, 400_000);

  it('lets an evicted pod go and replaces it, and keeps a second one until then', async () => {
    const [victim, second] = await clusters.members(name);
    await eventually(60, () => evict(victim!)); // the budget hears a moment later that all are ready
    await expect(evict(second!)).rejects.toThrow(/disruption budget/);
    await clusters.healed(name, 3, version, [victim!]);
    expect((await clusters.pods(name)).map(({ metadata }) => metadata.uid)).toContain(second!.metadata.uid);
  }, 400_000);

  it.each([
    ['service', name],
    ['service', `${name}-routes`],
    ['secret', name],
    ['poddisruptionbudget', name],
  ])(
    'makes a deleted %s %s again',
    async (kind, object) => {
      await clusters.run('delete', kind, object);
      await eventually(90, () => clusters.run('get', kind, object));
    },
    240_000,
  );

  it('puts right what was edited by hand', async () => {
    const selector = JSON.stringify({ spec: { selector: { app: 'something-else' } } });
    const config = JSON.stringify({ stringData: { 'nats.conf': '"port": 1' } });
    await clusters.run('patch', 'service', name, '--type=merge', '-p', selector);
    await clusters.run('patch', 'secret', name, '--type=merge', '-p', config);
    await eventually(90, async () => {
      const service = await clusters.kubectl.get<{ spec: { selector: object } }>('service', name, '-n', namespace);
      expect(service.spec.selector).toEqual({ app: 'nats', nats_cluster: name });
      const secret = await clusters.kubectl.get<{ data: Record<string, string> }>('secret', name, '-n', namespace);
      expect(Buffer.from(secret.data['nats.conf'] ?? '', 'base64').toString()).toMatch(/^"port": 4222$/m);
    });
  }, 240_000);

  it('touches nothing that runs when it is asked for what it can not have, and says why', async () => {
    const before = await clusters.pods(name);
    // valid for the schema, but it asks for a Secret that is not there
    await clusters.edit(name, { tls: { serverSecret: 'nowhere' } });
    await clusters.condition(name, 'Degraded', 'True', 'nowhere');
    expect(new Set(await clusters.pods(name).then(uids))).toEqual(new Set(uids(before)));
    expect((await clusters.pods(name)).filter(isReady)).toHaveLength(3);
    await clusters.edit(name, { tls: null });
    await clusters.settled(name, 3, version);
    expect(new Set(await clusters.pods(name).then(uids))).toEqual(new Set(uids(before)));
  }, 400_000);

  itCutsPower(
    'replaces the member of a node that lost power within 60 seconds of its NotReady',
    async () => {
      // a node that the API server runs on, as kind has one, would take that along
      const label = 'node-role.kubernetes.io/control-plane';
      const controlPlane = await clusters.kubectl.run('get', 'nodes', '--selector', label, '-o', 'name');
      const victim = (await clusters.members(name)).find(
        ({ spec }) => !controlPlane.includes(`node/${spec.nodeName}\n`),
      );
      const node = victim!.spec.nodeName;
      await clusters.cluster.stopNode(node);
      try {
        await clusters.kubectl.run('wait', `node/${node}`, '--for=condition=Ready=Unknown', '--timeout=120s');
        const notReady = Date.now();
        await eventually(60, async () => {
          const living = (await clusters.pods(name)).filter(isReady).filter(({ spec }) => spec.nodeName !== node);
          expect(living.map(({ metadata }) => metadata.name)).toHaveLength(3);
        });
        console.log(`replaced ${((Date.now() - notReady) / 1000).toFixed(1)} s after NotReady`);
      } finally {
        await clusters.cluster.startNode(node);
      }
      await clusters.kubectl.run('wait', `node/${node}`, '--for=condition=Ready', '--timeout=120s');
      await clusters.healed(name, 3, version, [victim!]);
    },
    900_000,
  );

  async function evict({ metadata }: Pod): Promise<void> {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name, namespace } };
    await clusters.kubectl.create(`/api/v1/namespaces/${namespace}/pods/${metadata.name}/eviction`, eviction);
  }
});

function uids(pods: Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.uid);
}
