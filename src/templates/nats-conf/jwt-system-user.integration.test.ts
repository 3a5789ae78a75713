import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { nkeys } from '@nats-io/transport-node';
import { eventually } from '../../../e2e/cluster/eventually';
import { requestOf, type Command } from '../../nats/commands';
import { asUserOf } from '../../nats/credentials';
import { ask, readTags } from '../../nats/system-client';
import { accountJwt, credentials, operatorJwt, type KeyPair } from '../testing/jwt';
import { Servers } from '../testing/servers';
import { configIdIn } from './config-id';

const operator = nkeys.createOperator();
const [system, app, other] = [nkeys.createAccount(), nkeys.createAccount(), nkeys.createAccount()];
const pub = (key: KeyPair) => key.getPublicKey();
const as = (creds: string) => ({ authenticator: asUserOf(creds) });
const streams = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
const signed = new Map(
  [system, app, other].map((account) => [pub(account), accountJwt(operator, account, account === app ? streams : {})]),
);
const jwts = (...accounts: KeyPair[]) =>
  new Map(accounts.map((account) => [pub(account), signed.get(pub(account)) ?? '']));
const [creds, ofApp, ofOther] = [system, app, other].map((account) => credentials(account)) as [string, string, string];
const trust = new Map([
  ['op.jwt', operatorJwt(operator)],
  ['sys.creds', creds],
]);

/** What the operator makes of a spec like `example/auth-jwt-operator.yaml`. */
function wish(resolver: object, preload?: Map<string, string>, more: object = {}) {
  const jwtSecret = { name: 'operator-jwt', key: 'op.jwt' };
  const systemUserSecret = { name: 'operator-jwt', key: 'sys.creds' };
  return {
    spec: {
      auth: { operator: { jwtSecret, systemAccount: pub(system), systemUserSecret, resolver } },
      ...more,
    },
    secrets: new Map([['operator-jwt', trust], ...(preload ? [['accounts', preload] as const] : [])]),
    systemPassword: 'never used to log in',
  };
}

describe.each(['2.10.29', '2.14.9', '2.15.2'] as const)('a user of the system account on nats-server %s', (version) => {
  const servers = new Servers(version);
  let accountServer: Server | undefined;

  afterEach(() => accountServer?.close());
  afterAll(() => servers.remove());

  it.each(['memory', 'url', 'full'])(
    'reloads the config and is told which one that is: resolver %s',
    async (type) => {
      const url = type === 'url' ? await serve(jwts(system, app)) : undefined;
      const preload = url === undefined ? jwts(system, app) : undefined;
      const resolver = { type, url, preloadSecret: preload && 'accounts' };
      await servers.start(wish(resolver, preload));
      const before = await loaded();
      expect(before).toMatch(/^[0-9a-f]{16}$/);
      const client = await servers.client(as(ofApp));
      servers.change(wish(resolver, preload, { natsConfig: { maxPayload: 2000 } }));
      await reload();
      expect(await loaded()).not.toBe(before);
      expect(await servers.monitoring(0, 'varz')).toMatchObject({ max_payload: 2000 });
      await client.flush(); // it was not disconnected
      await servers.client(as(ofApp));
      // the second one meets what the first left
      servers.change(wish(resolver, preload));
      await reload();
      expect(await loaded()).toBe(before);
    },
    180_000,
  );

  it('lets servers know accounts as they are preloaded now, with a reload where the resolver is in memory', async () => {
    const resolver = { type: 'memory', preloadSecret: 'accounts' };
    const own = await revokedByPreload(resolver);
    await servers.client(as(ofOther));
    await refused(own);
  }, 180_000);

  it('lets a full resolver know them with a restart: after a reload accounts in use stay as they were', async () => {
    const resolver = { type: 'full', preloadSecret: 'accounts' };
    const own = await revokedByPreload(resolver);
    await servers.client(as(own)); // where this fails, the preload of full resolvers can be reloaded
    await servers.restart(0);
    await servers.client(as(ofOther));
    await refused(own);
  }, 180_000);

  it('pushes accounts to all members also after a reload', async () => {
    const resolver = { type: 'full', preloadSecret: 'accounts', allowDelete: true };
    await servers.start(wish(resolver, jwts(system, app)), 3);
    const user = nkeys.createUser();
    const own = credentials(app, user);
    for (const member of [0, 1, 2]) await servers.client(as(own), member);
    servers.change(wish(resolver, jwts(system, app), { natsConfig: { maxPayload: 2000 } }));
    for (const member of [0, 1, 2]) await reload(member);
    for (const jwt of [jwts(other).get(pub(other)) ?? '', revoked(user)[1]]) {
      const client = await servers.client(as(creds));
      const answer = await client.request('$SYS.REQ.CLAIMS.UPDATE', jwt, { timeout: 20_000 });
      expect(answer.json()).toMatchObject({ data: { code: 200 } });
    }
    for (const member of [0, 1, 2]) {
      await eventually(60, () => servers.client(as(ofOther), member));
      await eventually(60, () => refused(own, member));
      await servers.client(as(ofApp), member);
    }
  }, 180_000);

  it('lets another server lead the meta group, moves a stream, and removes a peer', async () => {
    const resolver = { type: 'full', preloadSecret: 'accounts' };
    const jetstream = { fileStorage: { size: '1Gi' } };
    await servers.start(wish(resolver, jwts(system, app), { jetstream }), 3);
    const before = await eventually(60, async () => known(await metaLeader()));
    // a group that was formed just now may refuse, as not all of it are current
    await eventually(60, async () => {
      if (known(await metaLeader()) === before) await command({ kind: 'stepDownMetaLeader' });
    });
    await eventually(60, async () => {
      expect(known(await metaLeader())).not.toBe(before);
    });
    const client = await servers.client(as(ofApp));
    const create = JSON.stringify({ name: 'ORDERS', subjects: ['orders'], num_replicas: 1, storage: 'file' });
    await eventually(60, async () => {
      expect((await client.request('$JS.API.STREAM.CREATE.ORDERS', create)).json()).not.toHaveProperty('error');
    });
    const leader = async () => {
      const info = (await client.request('$JS.API.STREAM.INFO.ORDERS', '')).json<{ cluster?: { leader?: string } }>();
      return known(info.cluster?.leader);
    };
    const from = await eventually(60, leader);
    await eventually(60, async () => {
      if ((await leader()) !== from) return;
      await command({ kind: 'moveStream', account: pub(app), stream: 'ORDERS', server: from }, 1);
    });
    await eventually(60, async () => {
      expect(await leader()).not.toBe(from);
    });
    await eventually(60, () =>
      expect(command({ kind: 'removePeer', peer: 'nobody' })).rejects.toMatchObject({
        denial: 'refused',
        message: 'server is not a member of the cluster',
      }),
    );
  }, 360_000);

  it('is not let in with credentials that have ended, or that the account does not vouch for, and they are not shown', async () => {
    await servers.start(wish({ type: 'memory', preloadSecret: 'accounts' }, jwts(system, app)));
    const stranger = nkeys.createAccount();
    const ended = credentials(system, undefined, { exp: Math.floor(Date.now() / 1000) - 10 });
    const forged = credentials(stranger, undefined, {}, { issuer_account: pub(system) });
    for (const content of [ended, forged, credentials(stranger)]) {
      await eventually(60, async () => {
        const denied = command({ kind: 'reload', serverId: await id(), to: 'it' }, 0, content);
        await expect(denied).rejects.toMatchObject({
          denial: 'unknown-user',
          message: expect.stringMatching(
            /^127\.0\.0\.1:\d+ does not know the operator's user: Authorization Violation$/,
          ) as string,
        });
      });
    }
  }, 180_000);

  /** Starts with a user that is let in, takes it away by the preloaded accounts, and reloads. Returns its credentials. */
  async function revokedByPreload(resolver: object): Promise<string> {
    await servers.start(wish(resolver, jwts(system, app)));
    const user = nkeys.createUser();
    const own = credentials(app, user);
    await servers.client(as(own));
    servers.change(wish(resolver, new Map([...jwts(system, other), revoked(user)])));
    await reload();
    return own;
  }

  async function id(member = 0): Promise<string> {
    return String((await servers.monitoring(member, 'varz')).server_id);
  }

  function command(wanted: Command, member = 0, content = creds): Promise<unknown> {
    return ask(servers.address(member, { creds: content }), requestOf(wanted));
  }

  async function reload(member = 0): Promise<void> {
    await command({ kind: 'reload', serverId: await id(member), to: 'it' }, member);
  }

  async function loaded(): Promise<string | undefined> {
    return configIdIn(await readTags(servers.address(0, { creds }), await id()));
  }

  async function metaLeader(): Promise<string | undefined> {
    const { meta_cluster: meta } = (await servers.monitoring(0, 'jsz')) as { meta_cluster?: { leader?: string } };
    return meta?.leader;
  }

  async function refused(content: string, member = 0): Promise<void> {
    await expect(servers.client(as(content), member)).rejects.toThrow(
      /authorization violation|authentication(?! timeout)/i,
    );
  }

  /** Runs an account server, and returns its address. */
  async function serve(accounts: Map<string, string>): Promise<string> {
    accountServer = createServer(({ url = '' }, response) => response.end(accounts.get(url.split('/').at(-1) ?? '')));
    accountServer.listen(0, '127.0.0.1');
    await once(accountServer, 'listening');
    const address = accountServer.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jwt/v1/accounts/`;
  }
});

/** The account without a user that it had, whose JWT is older than that. */
function revoked(user: KeyPair): [string, string] {
  const revocations = { [pub(user)]: Math.floor(Date.now() / 1000) + 10 };
  return [pub(app), accountJwt(operator, app, streams, { revocations })];
}

function known(name: string | undefined): string {
  if (!name) throw new Error('there is no leader');
  return name;
}
