import { aSecret } from '../testing/a-secret';
import { confOf } from '../testing/conf-of';

const gateways = [
  { name: 'east', url: 'nats://east:7222' },
  { name: 'west', url: 'nats://west:7222', urls: ['nats://west-2:7222'] },
];

describe('the gateway', () => {
  it('is not there unless the spec asks for it', () => {
    expect(confOf({})).not.toHaveProperty('gateway');
  });

  it('has the name of the resource and port 7222 where the spec says nothing else', () => {
    expect(confOf({ gatewayConfig: {} }).gateway).toEqual({ name: 'nats', port: 7222 });
  });

  it('knows the others by all of their URLs, and itself among them', () => {
    const { gateway } = confOf({ gatewayConfig: { name: 'east', hostPort: 32328, rejectUnknown: true, gateways } });
    expect(gateway).toEqual({
      name: 'east',
      port: 32328,
      reject_unknown: true,
      gateways: [
        { name: 'east', urls: ['nats://east:7222'] },
        { name: 'west', urls: ['nats://west:7222', 'nats://west-2:7222'] },
      ],
    });
  });

  it('gives the cluster its name, as servers refuse two names', () => {
    expect(confOf({ gatewayConfig: { name: 'east' } }).cluster).toMatchObject({ name: 'east' });
  });

  it('has TLS from its secret, mounted where nats-operator 0.8 had it', () => {
    const spec = { gatewayConfig: {}, tls: { gatewaySecret: 'gateways', gatewaysTLSTimeout: 2.5 } };
    const secrets = new Map([['gateways', aSecret('ca.pem', 'server.pem', 'server-key.pem')]]);
    expect(confOf(spec, secrets).gateway).toMatchObject({
      tls: {
        ca_file: '/etc/nats-gateways-tls-certs/ca.pem',
        cert_file: '/etc/nats-gateways-tls-certs/server.pem',
        key_file: '/etc/nats-gateways-tls-certs/server-key.pem',
        timeout: 2.5,
      },
    });
  });
});
