import { KwokCluster } from '../../testing/kwok-cluster';
import { RunningOperator } from '../../testing/running-operator';

const version = '2.15.2';

describe('the controller', () => {
  let cluster: KwokCluster;
  let operator: RunningOperator;

  beforeAll(async () => {
    cluster = await KwokCluster.start();
    operator = await RunningOperator.start(cluster.controlPlane);
  }, 180_000);

  afterAll(async () => {
    await operator.stop();
    await cluster.remove();
  }, 180_000);

  it('brings a cluster up, resizes it, upgrades it and takes it away', async () => {
    const life = cluster.natsCluster('life');
    await life.create({ size: 3, version: '2.14.9' });
    await life.settled({ size: 3, version: '2.14.9' });
    await life.edit({ size: 5 });
    await life.settled({ size: 5, version: '2.14.9' });
    await life.edit({ size: 2 });
    await life.settled({ size: 2, version: '2.14.9' });
    await life.edit({ version });
    await life.settled({ size: 2, version });
    await life.delete();
    await life.gone(10);
  }, 120_000);
});
