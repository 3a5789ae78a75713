import { eventually } from '../cluster/eventually';
import { sidecarImage } from '../cluster/images/archives';
import { onMember } from '../testing/members';
import { NatsClusters, type Pod } from '../testing/nats-clusters';

const namespace = 'sidecars';
const name = 'watched';
const role = 'app';
const [image, tag] = sidecarImage;

// A stand-in for reloader and exporter keeps the tests free of foreign images, and to their command lines
// (e2e/cluster/binaries/go/sidecars). What the operator adds to make them work is real: shared processes, mounts, arguments, ports and security contexts.
describe.each(['1.0.4', '2.10.29'])('beside a server %s', (version) => {
  let clusters: NatsClusters;
  let before: Pod;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await clusters.create(name, {
      ...{ size: 1, version, auth: { enableServiceAccounts: true } },
      pod: {
        ...{ enableConfigReload: true, reloaderImage: image, reloaderImageTag: tag },
        ...{ enableMetrics: true, metricsImage: image, metricsImageTag: tag },
      },
    });
    await clusters.settled(name, 1, version);
    before = await member();
  }, 250_000);

  afterAll(() => clusters.remove(), 180_000);

  it('a reloader has it load a new user, without a restart', async () => {
    await clusters.kubectl.apply(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: role, namespace } },
      {
        apiVersion: 'nats.io/v1beta1',
        kind: 'NatsServiceRole',
        metadata: { name: role, namespace, labels: { nats_cluster: name } },
      },
    );
    await eventually(150, async () => {
      expect(await clusters.run('logs', before.metadata.name, '-c', 'reloader')).toMatch(/sent SIGHUP to \d+/);
      expect(await clusters.run('logs', before.metadata.name, '-c', 'nats')).toMatch(/Reloaded: authorization users/);
    });
    const { data } = await clusters.kubectl.get<{ data: { token: string } }>(
      ...['secret', `${role}-${name}-bound-token`, '-n', namespace],
    );
    const pass = Buffer.from(data.token, 'base64').toString();
    await onMember(clusters, [name, 0], (client) => eventually(60, () => client({ user: role, pass })));
    const { metadata, status } = await member();
    expect(metadata.uid).toBe(before.metadata.uid);
    expect(status.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([0, 0, 0]);
  }, 300_000);

  it('an exporter serves what its monitoring port says, for Prometheus', async () => {
    const metrics = await clusters.kubectl.proxy(namespace, before.metadata.name, 7777, '/metrics');
    expect(metrics).toMatch(/^gnatsd_varz_max_connections\{.*\} \d+/m);
  }, 60_000);

  async function member(): Promise<Pod> {
    const [pod] = await clusters.members(name);
    if (!pod) throw new Error(`${name} has no pod`);
    return pod;
  }
});
