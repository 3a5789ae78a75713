import { operatedKwok } from '../../testing/operated-kwok';

const version = '2.15.2';

describe('the controller', () => {
  const operated = operatedKwok();

  it('brings a cluster up, resizes it, upgrades it and takes it away', async () => {
    const life = operated.kwok.natsCluster('life');
    await life.create({ size: 3, version: '2.14.9' });
    await life.settled({ size: 3, version: '2.14.9' });
    await life.edit({ size: 5 });
    await life.settled({ size: 5, version: '2.14.9' });
    await life.edit({ size: 2 });
    await life.settled({ size: 2, version: '2.14.9' });
    await life.edit({ version });
    await life.settled({ size: 2, version });
    await life.delete();
    await life.gone();
  }, 600_000);
});
