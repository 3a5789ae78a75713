import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestOf } from '../../nats/commands';
import { ask } from '../../nats/system-client';
import { NatsServer } from '../../nats/testing/nats-server';
import { type Block } from './nats-conf';
import { systemUser, withSystemUser } from './system-account';

const password = 'secret';
const alice = { user: 'alice', password: 'alice' };
const signIn = { user: 'alice', pass: 'alice' };
// keys of nobody
const nkey = 'UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4';
const issuer = 'ABJHLOVMPA4CI6R5KLNGOB4GSLNIY7IOUPAJC4YFNDLQVIOBYQGUWVLA';

/** What a config may say of who connects, and a client that it lets in. */
const modes: Record<string, { config: Block; client: ConnectionOptions }> = {
  'nobody in particular': { config: {}, client: {} },
  'JetStream without users': { config: { jetstream: { store_dir: 'jetstream' } }, client: {} },
  users: { config: { authorization: { users: [alice] } }, client: signIn },
  'an nkey': { config: { authorization: { users: [{ nkey }, alice] } }, client: signIn },
  accounts: { config: { accounts: { APP: { users: [alice] } } }, client: signIn },
  'accounts and users': {
    config: { accounts: { APP: { users: [{ ...alice, user: 'bob' }] } }, authorization: { users: [alice] } },
    client: signIn,
  },
  'users and somebody for those without a name': {
    config: { authorization: { users: [alice] }, no_auth_user: 'alice' },
    client: {},
  },
  'a system account of the user': {
    config: { accounts: { ADMIN: { users: [alice] } }, system_account: 'ADMIN' },
    client: signIn,
  },
  callout: {
    config: {
      accounts: { AUTH: { users: [alice] } },
      authorization: { auth_callout: { issuer, account: 'AUTH', auth_users: ['alice'] } },
    },
    client: signIn,
  },
};

describe.each(['2.10.29', '2.14.9', '2.15.2'] as const)('the system user of nats-server %s', (version) => {
  let server: NatsServer | undefined;
  const connections: NatsConnection[] = [];

  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await server?.remove();
    server = undefined;
  });

  function running(): NatsServer {
    if (!server) throw new Error('no server');
    return server;
  }

  async function client(options: ConnectionOptions): Promise<NatsConnection> {
    const connection = await connect({ ...options, servers: `127.0.0.1:${running().ports.client}`, reconnect: false });
    connections.push(connection);
    return connection;
  }

  function reload(user = systemUser, secret = password): () => Promise<unknown> {
    return async () =>
      ask(
        {
          ip: '127.0.0.1',
          port: running().ports.client,
          access: { credentials: [{ user, password: secret }] },
        },
        requestOf({ kind: 'reload', serverId: await running().id(), to: 'the same' }),
      );
  }

  it.each(Object.entries(modes))('stands beside %s', async (name, { config, client: options }) => {
    server = await NatsServer.start(version, withSystemUser(config, password));
    await reload()();
    const app = await client(options);
    const asOthers = { subject: 'greetings', payload: 'hello' };
    const subscription = app.subscribe(asOthers.subject, { max: 1 });
    app.publish(asOthers.subject, asOthers.payload);
    for await (const message of subscription) expect(message.string()).toBe('hello');
    if (name !== 'a system account of the user') {
      await expect(
        app.request(`$SYS.REQ.SERVER.${await running().id()}.RELOAD`, '', { timeout: 20_000 }),
      ).rejects.toThrow(/no responders/);
    }
    if (name === 'JetStream without users') {
      expect((await app.request('$JS.API.INFO', '', { timeout: 20_000 })).json()).not.toHaveProperty('error');
    }
  });

  it('comes and goes with its password only', async () => {
    server = await NatsServer.start(version, withSystemUser({}, password));
    await expect(reload(systemUser, 'guessed')()).rejects.toMatchObject({ denial: 'unknown-user' });
    await expect(client({ user: systemUser, pass: 'guessed' })).rejects.toThrow();
    server.write(withSystemUser({}, 'renewed'));
    await reload()();
    await expect(reload()()).rejects.toMatchObject({ denial: 'unknown-user' });
    await reload(systemUser, 'renewed')();
  });

  it('stands beside users that come from a file', async () => {
    server = await NatsServer.start(version, {});
    writeFileSync(join(server.folder, 'users.conf'), 'users = [{user: alice, password: alice}]\n');
    await server.restart(withSystemUser({}, password), 'authorization { include "users.conf" }\n');
    await reload()();
    await client(signIn);
    await expect(client({})).rejects.toThrow();
  });
});
