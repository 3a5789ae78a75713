import { eventually } from '../../../e2e/cluster/eventually';
import { Kubectl } from '../../../e2e/cluster/kubectl';
import { operatedKwok } from '../../testing/operated-kwok';

const version = '2.15.2';

interface Scale {
  spec: { replicas: number };
  status: { replicas: number; selector: string };
}

interface Autoscaler {
  status: { currentReplicas?: number; conditions?: { type: string; status: string; message: string }[] };
}

describe('the scale subresource', () => {
  const operated = operatedKwok();
  let kubectl: Kubectl;

  beforeAll(async () => {
    kubectl = new Kubectl(operated.kwok.controlPlane.kubeconfig);
    await operated.kwok.natsCluster('elastic').create({ size: 3, version });
    await operated.kwok.natsCluster('elastic').settled({ size: 3, version });
  }, 180_000);

  it('tells how many members there are, and selects exactly their pods', async () => {
    const { spec, status } = await scale();
    expect([spec.replicas, status.replicas]).toEqual([3, 3]);
    const pods = await kubectl.run('get', 'pods', '--selector', status.selector, '-o', 'name');
    expect(pods.trim().split('\n')).toHaveLength(3);
  });

  it.each([5, 2])(
    'takes kubectl scale to %i',
    async (size) => {
      await kubectl.run('scale', 'nats', 'elastic', `--replicas=${size}`);
      await operated.kwok.natsCluster('elastic').settled({ size, version });
      expect(await scale()).toMatchObject({ spec: { replicas: size }, status: { replicas: size } });
    },
    180_000,
  );

  it('refuses a scale to nothing', async () => {
    await expect(kubectl.run('scale', 'nats', 'elastic', '--replicas=0')).rejects.toThrow(/size/);
  });

  it('is what a HorizontalPodAutoscaler finds its target by', async () => {
    await kubectl.apply({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'elastic', namespace: 'default' },
      spec: {
        scaleTargetRef: { apiVersion: 'nats.io/v1beta1', kind: 'NatsCluster', name: 'elastic' },
        // more than there are: to get there it needs no metrics
        minReplicas: 3,
        maxReplicas: 5,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        ],
      },
    });
    // it looks every 15 s, and may know of the kind only since its discovery was renewed, which is every 30 s
    await operated.kwok.natsCluster('elastic').settled({ size: 3, version }, 90);
    await eventually(90, async () => {
      const { status } = await kubectl.get<Autoscaler>('hpa', 'elastic');
      expect(status.currentReplicas).toBe(3);
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'AbleToScale', status: 'True' }));
    });
  }, 240_000);

  async function scale(): Promise<Scale> {
    const path = '/apis/nats.io/v1beta1/namespaces/default/natsclusters/elastic/scale';
    return JSON.parse(await kubectl.run('get', '--raw', path)) as Scale;
  }
});
