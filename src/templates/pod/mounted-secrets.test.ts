import { aCluster } from '../../resources/testing/a-cluster';
import { secretReferences } from '../secrets';
import { mountedSecrets } from './mounted-secrets';

const names = ['server', 'routes', 'gateway', 'leafnode', 'websocket', 'mqtt'];
const tls = Object.fromEntries(names.map((name) => [`${name}Secret`, `${name}-certificates`]));
const remotes = ['one', 'two', 'one'].map((name, index) => ({
  url: `tls://hub-${index}:7422`,
  credentialsSecret: { name, key: `user-${index}.creds` },
}));
const all = { gatewayConfig: {}, leafnodeConfig: { remotes }, websocketConfig: {}, jetstream: {}, mqtt: {}, tls };

describe('the secrets of the user in a pod', () => {
  it('are mounted where users of nats-operator 0.8 know them, each once', () => {
    const mounted = mountedSecrets(aCluster(all));
    expect(mounted.map(({ secret, folder }) => `${secret} ${folder}`)).toEqual([
      'server-certificates /etc/nats-server-tls-certs',
      'routes-certificates /etc/nats-routes-tls-certs',
      'gateway-certificates /etc/nats-gateways-tls-certs',
      'leafnode-certificates /etc/nats-leafnodes-tls-certs',
      'websocket-certificates /etc/nats-websocket-tls-certs',
      'mqtt-certificates /etc/nats-mqtt-tls-certs',
      'one /etc/nats-leafnode-credentials/one',
      'two /etc/nats-leafnode-credentials/two',
    ]);
    expect(new Set(mounted.map(({ name }) => name)).size).toBe(mounted.length);
  });

  it('are those that are waited for', () => {
    const mounted = new Set(mountedSecrets(aCluster(all)).map(({ secret }) => secret));
    expect(new Set(secretReferences(aCluster(all)).map(({ secret }) => secret))).toEqual(mounted);
  });

  it('are only those of listeners that are there', () => {
    const cluster = aCluster({ tls: { gatewaySecret: 'a', leafnodeSecret: 'b', websocketSecret: 'c' } });
    expect(mountedSecrets(cluster)).toEqual([]);
    expect(secretReferences(cluster)).toEqual([]);
  });

  it('are waited for with the key that each remote names', () => {
    const fields = secretReferences(aCluster(all)).slice(-3);
    expect(fields.map(({ field, files }) => [field, files[0]?.keys])).toEqual([
      ['spec.leafnodeConfig.remotes[0].credentialsSecret', ['user-0.creds']],
      ['spec.leafnodeConfig.remotes[1].credentialsSecret', ['user-1.creds']],
      ['spec.leafnodeConfig.remotes[2].credentialsSecret', ['user-2.creds']],
    ]);
  });
});
