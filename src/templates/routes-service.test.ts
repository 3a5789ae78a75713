import { covers } from '../controllers/nats-cluster/plan/covers';
import { aCluster } from '../resources/testing/a-cluster';
import { clientService } from './client-service';
import { routesService } from './routes-service';

describe.each([
  ['the client service', clientService, 'servicePolicy'],
  ['the routes service', routesService, 'managementServicePolicy'],
] as const)('%s', (_, render, policy) => {
  it('carries the labels and annotations of the spec', () => {
    const { metadata } = render(aCluster({ [policy]: { labels: { team: 'a' }, annotations: { note: 'x' } } }));
    expect(metadata).toMatchObject({ labels: { team: 'a', nats_cluster: 'nats' }, annotations: { note: 'x' } });
  });

  it('is written again when one of them is taken out of the spec', () => {
    const before = render(aCluster({ [policy]: { annotations: { note: 'x', other: 'y' } } }));
    expect(covers(before, render(aCluster({ [policy]: { annotations: { note: 'x' } } })))).toBe(false);
    expect(covers(before, render(aCluster()))).toBe(false);
    expect(covers(before, render(aCluster({ [policy]: { annotations: { note: 'x', other: 'y' } } })))).toBe(true);
  });
});
