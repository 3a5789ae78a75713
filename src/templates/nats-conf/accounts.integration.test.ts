import { connect, nkeyAuthenticator, nkeys } from '@nats-io/transport-node';
import { CertificateAuthority } from '../../../e2e/cluster/control-plane/certificates';
import { eventually } from '../../../e2e/cluster/eventually';
import { natsVersions } from '../../../e2e/cluster/versions';
import { has } from '../../nats/capabilities';
import { answering, listen, violations, type Act } from '../testing/acts';
import { as, passwords, passwordSecret } from '../testing/passwords';
import { Servers } from '../testing/servers';

describe.each(natsVersions.filter((version) => has(version, 'accounts')))(
  'who may do what on nats-server %s, also',
  (version) => {
    const servers = new Servers(version);
    const alice = { name: 'alice', passwordSecret: passwordSecret('alice') };
    const bob = { name: 'bob', passwordSecret: passwordSecret('bob') };

    afterAll(() => servers.remove());

    it('is a user with an nkey, and an answer to a request although nothing else may be published', async () => {
      const key = nkeys.createUser();
      const permissions = { subscribe: { allow: ['requests'] }, allowResponses: { max: 1, expires: '1m' } };
      const users = [
        { name: 'backend', nkey: key.getPublicKey(), permissions, allowedConnectionTypes: ['STANDARD'] },
        alice,
      ];
      await servers.start({ spec: { auth: { users } }, secrets: passwords });
      const backend = await servers.client({ authenticator: nkeyAuthenticator(key.getSeed()) });
      backend.subscribe('requests', { callback: answering('answer') });
      await backend.flush();
      const client = await servers.client(as('alice'));
      expect((await client.request('requests', '', { timeout: 20_000 })).string()).toBe('answer');
      expect(await violations(backend, ['publish', 'other'])).toEqual(['publish other']);
      const stranger = nkeys.createUser();
      await expect(servers.client({ authenticator: nkeyAuthenticator(stranger.getSeed()) })).rejects.toThrow(
        /authorization violation/i,
      );
    }, 180_000);

    it('is all but what permissions deny', async () => {
      const permissions = { publish: { deny: ['admin.>'] }, subscribe: { allow: ['news.>'], deny: ['news.internal'] } };
      await servers.start({ spec: { auth: { users: [{ ...alice, permissions }] } }, secrets: passwords });
      const client = await servers.client(as('alice'));
      expect(
        await violations(
          client,
          ...([
            ['publish', 'a'],
            ['publish', 'admin.a'],
            ['subscribe', 'news.a'],
            ['subscribe', 'news.internal'],
          ] as Act[]),
        ),
      ).toEqual(['publish admin.a', 'subscribe news.internal']);
    }, 180_000);

    it('is a user for those who bring no credentials', async () => {
      const guest = { ...bob, permissions: { publish: { allow: ['requests'] } } };
      const spec = { auth: { users: [alice, guest], noAuthUser: 'bob' } };
      await servers.start({ spec, secrets: passwords });
      expect(await violations(await servers.client(), ['publish', 'requests'], ['publish', 'a'])).toEqual([
        'publish a',
      ]);
      expect(await violations(await servers.client(as('alice')), ['publish', 'a'])).toEqual([]);
    }, 180_000);

    it('is nobody where there are accounts without users', async () => {
      await servers.start({ spec: { auth: { accounts: [{ name: 'A' }] } } });
      await expect(servers.client()).rejects.toThrow(/authorization violation/i);
    }, 180_000);

    it('is apart in accounts, but for what one exports and the other imports', async () => {
      await servers.start({
        spec: {
          auth: {
            users: [{ name: 'carol', passwordSecret: passwordSecret('carol') }],
            accounts: [
              {
                name: `OR"DERS\\`, // a name that JSON would escape, and nats.conf does not
                users: [alice],
                exports: [
                  { service: 'orders.place', accounts: ['SHOP'], responseType: 'single' },
                  { stream: 'orders.events.>' },
                ],
              },
              {
                name: 'SHOP',
                users: [bob],
                imports: [
                  { account: `OR"DERS\\`, service: 'orders.place', to: 'place' },
                  { account: `OR"DERS\\`, stream: 'orders.events.>', prefix: 'from' },
                ],
                limits: { connections: 2, subscriptions: 10, payload: 100, leafnodes: 1 },
                mappings: { 'old.place': 'place' },
                defaultPermissions: { publish: { deny: ['from.>'] } },
              },
            ],
          },
        },
        secrets: passwords,
      });
      const orders = await servers.client(as('alice'));
      const shop = await servers.client(as('bob'));
      orders.subscribe('orders.place', { callback: answering('placed') });
      await orders.flush();
      expect((await shop.request('place', '', { timeout: 20_000 })).string()).toBe('placed');
      expect((await shop.request('old.place', '', { timeout: 20_000 })).string()).toBe('placed');
      const seen = listen(shop, '>');
      await shop.flush();
      const carol = await servers.client(as('carol'));
      carol.publish('global');
      await carol.flush();
      orders.publish('orders.secret');
      orders.publish('orders.events.new'); // what must not come would have come before it
      await orders.flush();
      await eventually(60, () => expect(Promise.resolve(seen)).resolves.toContain('from.orders.events.new'));
      expect(seen).not.toContain('orders.secret');
      expect(seen).not.toContain('global');
      expect(await violations(shop, ['publish', 'from.x'])).toEqual(['publish from.x']);
      expect(shop.info?.max_payload).toBe(100);
      await servers.client(as('bob'));
      // one more than its limit, which the server may close before its reason is read
      const address = `127.0.0.1:${servers.address(0).port}`;
      await expect(connect({ servers: address, reconnect: false, ...as('bob') })).rejects.toThrow();
    }, 180_000);

    it('is whoever has a certificate of a user', async () => {
      const authority = await CertificateAuthority.create('clients');
      const server = await authority.issue({ commonName: 'server', names: ['localhost', '127.0.0.1'] });
      const client = async (commonName: string) => {
        const { certificate: cert, key } = await authority.issue({ commonName });
        return { tls: { ca: authority.pair.certificate, cert, key } };
      };
      const files = {
        'tls/ca.pem': authority.pair.certificate,
        'tls/server.pem': server.certificate,
        'tls/server-key.pem': server.key,
      };
      const users = [{ name: 'CN=alice', permissions: { publish: { allow: ['a'] } } }];
      await servers.start({
        spec: { tls: { serverSecret: 'tls' }, auth: { tlsVerifyAndMap: true, users } },
        secrets: new Map([['tls', new Map(['ca.pem', 'server.pem', 'server-key.pem'].map((key) => [key, '']))]]),
        files,
      });
      const known = await servers.client(await client('alice'));
      expect(await violations(known, ['publish', 'a'], ['publish', 'b'])).toEqual(['publish b']);
      await expect(servers.client(await client('mallory'))).rejects.toThrow(/authorization violation/i);
      // who the certificate does not name can't say to be alice
      await expect(servers.client({ ...(await client('mallory')), user: 'CN=alice', pass: '' })).rejects.toThrow(
        /authorization violation/i,
      );
    }, 180_000);
  },
);
