import { confOf } from '../testing/conf-of';

const extraRoutes = [{ route: 'nats-route://outside:6222' }, { cluster: 'other', route: '' }];

describe('routes to servers outside', () => {
  it('come after those to the members: a URL, and the routes of another cluster', () => {
    expect(confOf({ size: 1, extraRoutes }).cluster).toMatchObject({
      routes: [
        'nats://nats-0.nats-routes.default.svc:6222',
        'nats-route://outside:6222',
        'nats://other-routes.default.svc:6222',
      ],
    });
  });

  it('leave the cluster without a name, as servers refuse routes of a cluster with another one', () => {
    expect(confOf({}).cluster).toHaveProperty('name', 'nats');
    expect(confOf({ extraRoutes }).cluster).not.toHaveProperty('name');
  });

  it('leave it the name that JetStream or a gateway needs', () => {
    expect(confOf({ extraRoutes, jetstream: {} }).cluster).toHaveProperty('name', 'nats');
    expect(confOf({ extraRoutes, gatewayConfig: { name: 'east' } }).cluster).toHaveProperty('name', 'east');
  });
});
