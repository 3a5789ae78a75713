import { KwokCluster } from '../../testing/kwok-cluster';
import { RunningOperator } from '../../testing/running-operator';

const version = '2.15.2';

describe('the controller', () => {
  let cluster: KwokCluster;
  let operator: RunningOperator;

  beforeAll(async () => {
    cluster = await KwokCluster.start('127.101.0');
    operator = await RunningOperator.start(cluster.controlPlane);
  }, 90_000);

  afterAll(async () => {
    await operator.stop();
    await cluster.remove();
  }, 60_000);

  it('brings a cluster up, resizes it, upgrades it and takes it away', async () => {
    await cluster.create('life', { size: 3, version: '2.14.9' });
    await cluster.settled('life', { size: 3, version: '2.14.9' });
    await cluster.edit('life', { size: 5 });
    await cluster.settled('life', { size: 5, version: '2.14.9' });
    await cluster.edit('life', { size: 2 });
    await cluster.settled('life', { size: 2, version: '2.14.9' });
    await cluster.edit('life', { version });
    await cluster.settled('life', { size: 2, version });
    await cluster.delete('life');
    await cluster.gone('life', 10);
  }, 120_000);
});
