import { portsOf } from './ports';
import { NatsClusterSpec } from './spec';

describe('ports of a member', () => {
  it('are those that every member has', () => {
    expect(portsOf(new NatsClusterSpec())).toEqual([4222, 6222, 8222, 7777]);
  });

  it('are one more for each listener, with their defaults', () => {
    const spec = Object.assign(new NatsClusterSpec(), {
      gatewayConfig: {},
      leafnodeConfig: {},
      websocketConfig: { port: 443 },
      mqtt: { port: 1883 },
    });
    expect(portsOf(spec).slice(4)).toEqual([7222, 7422, 443, 1883]);
  });
});
