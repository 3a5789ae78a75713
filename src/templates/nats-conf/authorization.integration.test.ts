import { type ConnectionOptions } from '@nats-io/transport-node';
import { natsVersions } from '../../../e2e/cluster/versions';
import { crosses, violations, type Act } from '../testing/acts';
import { as, passwords, passwordSecret } from '../testing/passwords';
import { Servers } from '../testing/servers';

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

  async function refused(...clients: ConnectionOptions[]): Promise<void> {
    for (const options of clients) await expect(servers.client(options)).rejects.toThrow(/authorization violation/i);
  }
});
