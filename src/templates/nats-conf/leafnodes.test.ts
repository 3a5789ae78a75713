import { aSecret } from '../testing/a-secret';
import { confOf } from '../testing/conf-of';

describe('leaf nodes', () => {
  it('are not taken unless the spec asks for it', () => {
    expect(confOf({})).not.toHaveProperty('leafnodes');
  });

  it('are taken on port 7422 where the spec names no other', () => {
    expect(confOf({ leafnodeConfig: { remotes: null } }).leafnodes).toEqual({ port: 7422 });
    expect(confOf({ leafnodeConfig: { hostPort: 4224 } }).leafnodes).toEqual({ port: 4224 });
  });

  it('of this cluster know their remotes, with one URL as the first versions want it', () => {
    const remotes = [
      { url: 'nats-leaf://hub:7422', credentials: '/creds/user.creds', account: 'A' },
      { url: 'nats-leaf://a:7422', urls: ['nats-leaf://b:7422'] },
      { urls: ['tls://c:7422'], credentialsSecret: { name: 'leaf', key: 'user.creds' } },
    ];
    expect(confOf({ leafnodeConfig: { remotes } }).leafnodes).toMatchObject({
      remotes: [
        { url: 'nats-leaf://hub:7422', credentials: '/creds/user.creds', account: 'A' },
        { urls: ['nats-leaf://a:7422', 'nats-leaf://b:7422'] },
        { url: 'tls://c:7422', credentials: '/etc/nats-leafnode-credentials/leaf/user.creds' },
      ],
    });
  });

  it('see the certificate of their secret, with or without its authority', () => {
    const spec = { leafnodeConfig: {}, tls: { leafnodeSecret: 'leaves', leafnodesTLSTimeout: 3 } };
    expect(confOf(spec, new Map([['leaves', aSecret('tls.crt', 'tls.key')]])).leafnodes).toMatchObject({
      tls: {
        cert_file: '/etc/nats-leafnodes-tls-certs/tls.crt',
        key_file: '/etc/nats-leafnodes-tls-certs/tls.key',
        timeout: 3,
      },
    });
  });
});
