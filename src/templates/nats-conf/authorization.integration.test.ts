import { setImmediate } from 'node:timers/promises';
import {
  type ConnectionOptions,
  type Msg,
  type NatsConnection,
  nkeyAuthenticator,
  nkeys,
} from '@nats-io/transport-node';
import { CertificateAuthority } from '../../../e2e/cluster/control-plane/certificates';
import { eventually } from '../../../e2e/cluster/eventually';
import { natsVersions } from '../../../e2e/cluster/versions';
import { has } from '../../nats/capabilities';
import { Servers } from '../testing/servers';

const passwordSecret = (key: string) => ({ name: 'passwords', key });
const passwords = new Map([
  ['passwords', new Map(['alice', 'bob', 'carol', 'auth'].map((name) => [name, `${name}'s`]))],
]);
const as = (user: string): ConnectionOptions => ({ user, pass: `${user}'s` });
const json = (value: object) => new Map([['users.json', JSON.stringify(value)]]);

describe.each(natsVersions)('who may do what on nats-server %s', (version) => {
  const servers = new Servers(version);

  afterAll(() => servers.remove());

  it('is everybody everything without a word of it', async () => {
    await servers.start({ spec: {} });
    const client = await servers.client();
    expect(await violations(client, ['publish', 'any'], ['subscribe', 'thing'])).toEqual([]);
  }, 180_000);

  it('is users with passwords, and nobody else', async () => {
    const users = [{ name: 'alice', passwordSecret: passwordSecret('alice') }];
    await servers.start({ spec: { auth: { users, clientsAuthTimeout: 5 } }, secrets: passwords });
    await servers.client(as('alice'));
    await refused({ user: 'alice', pass: 'wrong' }, { user: 'bob', pass: 'x' }, {});
  }, 180_000);

  it.each([`a"b'c\\d`, '$2a $HOME #x //y {z} [] %41', 'gr\u00fc\u00dfe \u{1f511}', '\u0001\b\f\ttab\u0000end'])(
    'is a user whose password is %j',
    async (password) => {
      const users = [{ name: 'odd', passwordSecret: { name: 'odd', key: 'password' } }];
      const secrets = new Map([['odd', new Map([['password', password]])]]);
      await servers.start({ spec: { auth: { users } }, secrets });
      await servers.client({ user: 'odd', pass: password });
      await refused({ user: 'odd', pass: `${password}.` });
    },
    180_000,
  );

  it('is a password that the secret has as bcrypt', async () => {
    const users = [{ name: 'alice', passwordSecret: { name: 'hashed', key: 'alice' } }];
    // of "change-me"
    const hash = '$2a$04$yVLIFeagIQTCLGSzh5Ed7OdJOmpVpAxRkk/3zAuPAbkqGMrqwYUmi';
    await servers.start({ spec: { auth: { users } }, secrets: new Map([['hashed', new Map([['alice', hash]])]]) });
    await servers.client({ user: 'alice', pass: 'change-me' });
    await refused({ user: 'alice', pass: hash });
  }, 180_000);

  it('is what permissions allow and nothing else, and by default what the default permissions do', async () => {
    const permissions = { publish: { allow: ['requests.>'] }, subscribe: { allow: ['news.*'] } };
    await servers.start({
      spec: {
        auth: {
          users: [
            { name: 'alice', passwordSecret: passwordSecret('alice'), permissions },
            { name: 'bob', passwordSecret: passwordSecret('bob') },
          ],
          defaultPermissions: { publish: { allow: ['default'] } },
        },
      },
      secrets: passwords,
    });
    const alice = await servers.client(as('alice'));
    expect(
      await violations(
        alice,
        ...([
          ['publish', 'requests.a.b'],
          ['publish', 'default'],
          ['subscribe', 'news.x'],
          ['subscribe', 'news.x.y'],
        ] as Act[]),
      ),
    ).toEqual(['publish default', 'subscribe news.x.y']);
    const bob = await servers.client(as('bob'));
    // what is not limited is free, also where old servers would close it
    expect(
      await violations(bob, ['publish', 'default'], ['publish', 'requests.a'], ['subscribe', 'anything.at.all']),
    ).toEqual(['publish requests.a']);
  }, 180_000);

  it('is nothing where the list of what is allowed is empty', async () => {
    const permissions = { publish: { allow: [] }, subscribe: { allow: [] } };
    const users = [{ name: 'alice', passwordSecret: passwordSecret('alice'), permissions }];
    await servers.start({ spec: { auth: { users } }, secrets: passwords });
    const alice = await servers.client(as('alice'));
    expect(await violations(alice, ['publish', 'a'], ['subscribe', 'a'])).toEqual(['publish a', 'subscribe a']);
  }, 180_000);

  it('is nobody where users are made from service accounts and there are none yet', async () => {
    await servers.start({ spec: { auth: { enableServiceAccounts: true } } });
    await refused({}, { user: 'nobody', pass: 'nobody' }, { user: 'nobody', pass: '$2a$04$nobody' });
  }, 180_000);

  it('is users made from service accounts, and not those of a secret, as with nats-operator 0.8', async () => {
    const list = { users: [{ username: 'alice', password: "alice's" }] };
    await servers.start({
      spec: { auth: { enableServiceAccounts: true, clientsAuthSecret: 'clients' } },
      secrets: new Map([['clients', json(list)]]),
      serviceUsers: [{ name: 'app', password: 'token', permissions: { publish: ['a'] } }],
    });
    await refused({}, as('alice'));
    const app = await servers.client({ user: 'app', pass: 'token' });
    expect(await violations(app, ['publish', 'a'], ['publish', 'b'], ['subscribe', 'c'])).toEqual(['publish b']);
    await refused({}, { user: 'app', pass: 'revoked' });
  }, 180_000);

  it('is a token, and nobody without', async () => {
    const secrets = new Map([['t', new Map([['token', 's3cr3t']])]]);
    await servers.start({ spec: { auth: { tokenSecret: { name: 't', key: 'token' } } }, secrets });
    await servers.client({ token: 's3cr3t' });
    await refused({}, { token: 'other' });
  }, 180_000);

  it('is what the secret of nats-operator 0.8 says, with its permissions as lists', async () => {
    const list = {
      users: [
        { username: 'user1', password: 'secret1' },
        { username: 'user2', password: 'secret2', permissions: { publish: ['hello.*'], subscribe: ['hello.world'] } },
      ],
      default_permissions: { publish: ['SANDBOX.*'], subscribe: ['PUBLIC.>'] },
    };
    const spec = { auth: { clientsAuthSecret: 'clients', clientsAuthTimeout: 5 } };
    await servers.start({ spec, secrets: new Map([['clients', json(list)]]) });
    const one = await servers.client({ user: 'user1', pass: 'secret1' });
    expect(await violations(one, ['publish', 'SANDBOX.a'], ['publish', 'hello.a'], ['subscribe', 'PUBLIC.a'])).toEqual([
      'publish hello.a',
    ]);
    const two = await servers.client({ user: 'user2', pass: 'secret2' });
    expect(await violations(two, ['publish', 'hello.a'], ['subscribe', 'hello.earth'])).toEqual([
      'subscribe hello.earth',
    ]);
    await refused({}, { user: 'user1', pass: 'secret2' });
  }, 180_000);

  it('is one user or a token, where the secret of nats-operator 0.8 has that', async () => {
    const spec = { auth: { clientsAuthSecret: 'clients' } };
    await servers.start({ spec, secrets: new Map([['clients', json({ username: 'one', password: 'p' })]]) });
    await servers.client({ user: 'one', pass: 'p' });
    await refused({});
    await servers.start({ spec, secrets: new Map([['clients', json({ token: 't' })]]) });
    await servers.client({ token: 't' });
    await refused({});
  }, 180_000);

  it.each(['authconfig/auth.json', '/etc/nats-config/authconfig/auth.json'])(
    'is what a file in the container says: %s',
    async (clientsAuthFile) => {
      await servers.start({
        spec: { auth: { clientsAuthFile, defaultPermissions: { publish: { allow: ['a'] } } } },
        // as the example of nats-operator 0.8 has it
        files: { 'authconfig/auth.json': "users = [ { user: 'foo', pass: 'bar' } ]\n" },
      });
      const foo = await servers.client({ user: 'foo', pass: 'bar' });
      expect(await violations(foo, ['publish', 'a'], ['publish', 'b'])).toEqual(['publish b']);
      await refused({}, { user: 'foo', pass: 'other' });
    },
    180_000,
  );

  it('is for routes whoever has the credentials, also odd ones, and messages cross', async () => {
    const [username, password] = ['ro/ute:@ user', `p@ss:w"o\\rd/?#%41 \u00fc`];
    const spec = { auth: { clusterAuthSecret: 'routes', clusterAuthTimeout: 5 } };
    await servers.start({ spec, secrets: new Map([['routes', json({ username, password })]]) }, 3);
    await crosses(await servers.client({}, 2), await servers.client({}, 0));
  }, 180_000);

  // from here on what 1.x does not have
  if (!has(version, 'accounts')) return;
  newer(servers);

  async function refused(...clients: ConnectionOptions[]): Promise<void> {
    for (const options of clients) await expect(servers.client(options)).rejects.toThrow(/authorization violation/i);
  }
});

function newer(servers: Servers): void {
  const alice = { name: 'alice', passwordSecret: passwordSecret('alice') };
  const bob = { name: 'bob', passwordSecret: passwordSecret('bob') };

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
    expect((await client.request('requests')).string()).toBe('answer');
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
    expect(await violations(await servers.client(), ['publish', 'requests'], ['publish', 'a'])).toEqual(['publish a']);
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
    expect((await shop.request('place')).string()).toBe('placed');
    expect((await shop.request('old.place')).string()).toBe('placed');
    const seen = listen(shop, '>');
    await shop.flush();
    orders.publish('orders.events.new');
    orders.publish('orders.secret');
    (await servers.client(as('carol'))).publish('global');
    await orders.flush();
    await eventually(60, () => expect(Promise.resolve(seen)).resolves.toContain('from.orders.events.new'));
    expect(seen).not.toContain('orders.secret');
    expect(seen).not.toContain('global');
    expect(await violations(shop, ['publish', 'from.x'])).toEqual(['publish from.x']);
    expect(shop.info?.max_payload).toBe(100);
    await servers.client(as('bob'));
    await expect(servers.client(as('bob'))).rejects.toThrow(); // one more than its limit
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
}

type Act = ['publish' | 'subscribe', string];

/** Which of these a server does not let the client do. */
async function violations(client: NatsConnection, ...acts: Act[]): Promise<string[]> {
  const found: string[] = [];
  const statuses = client.status();
  void (async () => {
    for await (const status of statuses) if (status.type === 'error') found.push(status.error.message);
  })();
  for (const [what, subject] of acts) {
    if (what === 'publish') client.publish(subject);
    else client.subscribe(subject, { callback: () => undefined });
    await client.flush();
  }
  await setImmediate(); // what came before the answer to the last flush is in `found` by then
  return acts.map((act) => act.join(' ')).filter((act) => found.some((message) => isAbout(message, act)));
}

function isAbout(message: string, act: string): boolean {
  const [what = '', subject = ''] = act.split(' ');
  const kind = what === 'publish' ? /publish/i : /subscription/i;
  return /permissions violation/i.test(message) && kind.test(message) && message.includes(`"${subject}"`);
}

function answering(answer: string) {
  return (_: Error | null, message: Msg) => void message.respond(answer);
}

function listen(client: NatsConnection, subject: string): string[] {
  const seen: string[] = [];
  client.subscribe(subject, { callback: (_, message) => void seen.push(message.subject) });
  return seen;
}

async function crosses(from: NatsConnection, to: NatsConnection): Promise<void> {
  const seen = listen(to, 'greetings');
  await to.flush();
  await eventually(60, async () => {
    from.publish('greetings');
    await from.flush();
    expect(seen).toContain('greetings');
  });
}
