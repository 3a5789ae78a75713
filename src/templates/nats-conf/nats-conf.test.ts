import { natsVersions } from '../../../e2e/cluster/versions';
import { aCluster } from '../../resources/testing/a-cluster';
import { aSecret } from '../testing/a-secret';
import { confOf as conf } from '../testing/conf-of';
import { natsConf } from './nats-conf';

describe('nats.conf', () => {
  it('is one line a top-level key, without braces around it, as 1.0.4 wants it', () => {
    for (const line of natsConf(aCluster(), new Map()).trim().split('\n')) expect(line).toMatch(/^"[a-z_]+": ./);
  });

  it('has a route to every member, by a name that does not change when its pod does', () => {
    expect(conf({ size: 3 }).cluster).toMatchObject({
      routes: [
        'nats://nats-0.nats-routes.default.svc:6222',
        'nats://nats-1.nats-routes.default.svc:6222',
        'nats://nats-2.nats-routes.default.svc:6222',
      ],
    });
  });

  it.each(natsVersions)('has only keys that %s knows', (version) => {
    const keys = Object.keys(conf({ version }));
    expect(keys.includes('lame_duck_duration')).toBe(version !== '1.0.4');
  });

  it('takes the files of a kubernetes.io/tls secret as well as those of nats-operator 0.8', () => {
    const spec = { tls: { serverSecret: 'clients' } };
    const pem = new Map([['clients', aSecret('ca.pem', 'server.pem', 'server-key.pem')]]);
    expect(conf(spec, pem).tls).toMatchObject({ cert_file: '/etc/nats-server-tls-certs/server.pem' });
    const kubernetes = new Map([['clients', aSecret('tls.crt', 'tls.key')]]);
    expect(conf(spec, kubernetes).tls).toEqual({
      cert_file: '/etc/nats-server-tls-certs/tls.crt',
      key_file: '/etc/nats-server-tls-certs/tls.key',
    });
  });

  it('takes names of files that the spec gives', () => {
    const spec = { tls: { serverSecret: 'clients', serverSecretCertFileName: 'my.crt' } };
    const secrets = new Map([['clients', aSecret('my.crt', 'server.pem', 'tls.key')]]);
    expect(conf(spec, secrets).tls).toMatchObject({ cert_file: '/etc/nats-server-tls-certs/my.crt' });
  });

  it('is never written without a key that TLS needs', () => {
    const render = () => conf({ tls: { routesSecret: 'routes' } }, new Map([['routes', aSecret('route.pem')]]));
    expect(render).toThrow('secret routes has none of route-key.pem, tls.key');
  });

  it('merges free keys last, into blocks too', () => {
    const free = conf({
      logging: { debug: true },
      config: { debug: false, max_traced_msg_len: 9, cluster: { pool_size: 1 } },
    });
    expect(free).toMatchObject({ debug: false, max_traced_msg_len: 9, cluster: { pool_size: 1, port: 6222 } });
  });

  it('lifts a lame duck duration that servers refuse to the shortest they take', () => {
    expect(conf({ lameDuckDurationSeconds: 5 })).toMatchObject({ lame_duck_duration: '30s' });
  });
});
