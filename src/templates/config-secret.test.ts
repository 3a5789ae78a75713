import { nkeys } from '@nats-io/transport-node';
import { aCluster } from '../resources/testing/a-cluster';
import { configSecret, passwordKeys } from './config-secret';
import { renderedConf } from './nats-conf/nats-conf';
import { operatorJwt } from './testing/jwt';

const systemAccount = `A${'B'.repeat(55)}`;

describe('the config secret', () => {
  it('keeps what the id of the config is made with, also where the operator has no user of its own in it', () => {
    const cluster = aCluster({
      auth: {
        operator: {
          jwtSecret: { name: 'operator', key: 'op.jwt' },
          systemAccount,
          systemUserSecret: { name: 'operator', key: 'sys.creds' },
          resolver: { type: 'url', url: 'http://accounts:9090/jwt/v1/accounts/' },
        },
      },
    });
    const secrets = new Map([
      [
        'operator',
        new Map([
          ['op.jwt', operatorJwt(nkeys.createOperator())],
          ['sys.creds', 'creds'],
        ]),
      ],
    ]);
    const conf = renderedConf(cluster, secrets, [], 'random');
    expect(conf).toMatchObject({ hasUser: false, id: expect.any(String) as string });
    const { data } = configSecret(cluster, conf, { now: 'random' }) as { data: Record<string, string> };
    expect(data[passwordKeys.now]).toBe(Buffer.from('random').toString('base64'));
  });

  it('keeps nothing where the operator can ask the servers for nothing', () => {
    const cluster = aCluster({ version: '1.0.4' });
    const conf = renderedConf(cluster, new Map(), [], 'random');
    expect(Object.keys(configSecret(cluster, conf, { now: 'random' }).data)).toEqual(['nats.conf']);
  });
});
