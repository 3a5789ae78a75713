import { eventually } from '../cluster/eventually';
import { killOperator } from '../testing/kill-operator';
import { NatsClusters, type Pod } from '../testing/nats-clusters';

const namespace = 'operator-killed';
const name = 'orphan';
const old = '2.14.9';
const current = '2.15.2';

// All replicas of the operator die without a word while it does something; those that follow them must end it.
// Each test finds what the one before it left.
describe('a cluster whose operator is killed half way', () => {
  let clusters: NatsClusters;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
  }, 330_000);

  afterAll(async () => {
    await clusters.kubectl.run('rollout', 'status', 'deployment/nats-operator', '-n', 'default', '--timeout=180s');
    await clusters.remove();
  }, 600_000);

  it('comes up', async () => {
    await clusters.create(name, { size: 3, version: old, lameDuckDurationSeconds: 30 });
    await killedOnce((pods) => pods.length > 0);
    await clusters.settled(name, 3, old);
  }, 600_000);

  it('heals', async () => {
    const [victim] = await clusters.members(name);
    await clusters.run('delete', 'pod', victim!.metadata.name, '--wait=false');
    await killedOnce((pods) => !pods.some(({ metadata }) => metadata.uid === victim!.metadata.uid));
    await clusters.healed(name, 3, old, [victim!]);
  }, 600_000);

  it('grows', async () => {
    await clusters.edit(name, { size: 5 });
    await killedOnce((pods) => pods.length > 3);
    await clusters.settled(name, 5, old);
  }, 600_000);

  it('shrinks', async () => {
    await clusters.edit(name, { size: 3 });
    await killedOnce((pods) => pods.length < 5);
    await clusters.settled(name, 3, old);
  }, 600_000);

  it('is upgraded', async () => {
    await clusters.edit(name, { version: current });
    await killedOnce((pods) => pods.some(({ metadata }) => metadata.labels.nats_version === current));
    await clusters.settled(name, 3, current, 240);
  }, 600_000);

  it('goes', async () => {
    await clusters.run('delete', 'nats', name, '--wait=false');
    await killedOnce((pods) => pods.length < 3);
    await eventually(240, async () => {
      expect(await clusters.run('get', 'nats', '-o', 'name')).toBe('');
      expect(await clusters.owned(name)).toBe('');
    });
  }, 600_000);

  /** Kills all replicas at once when the cluster's pods (but those that are going) are as `halfWay` wants them. */
  async function killedOnce(halfWay: (pods: Pod[]) => boolean): Promise<void> {
    await eventually(120, async () => {
      if (!halfWay(await clusters.pods(name))) throw new Error('not half way yet');
    });
    const killed = await killOperator(clusters.kubectl);
    console.log(`killed ${killed} processes`);
    if (process.env.CLUSTER_KUBECONFIG) return; // its processes may run on other machines: they were deleted by force
    expect(killed).toBeGreaterThan(0);
  }
});
