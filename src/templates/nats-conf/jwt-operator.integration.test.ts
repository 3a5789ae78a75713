import { nkeys, type NatsConnection } from '@nats-io/transport-node';
import { createServer, type Server } from 'node:http';
import { eventually } from '../../../e2e/cluster/eventually';
import { natsVersions } from '../../../e2e/cluster/versions';
import { asUserOf } from '../../nats/credentials';
import { answerCallouts } from '../testing/callout-service';
import { accountJwt, credentials, operatorJwt, type KeyPair } from '../testing/jwt';
import { Servers } from '../testing/servers';

const versions = natsVersions.filter((version) => version !== '1.0.4');
const operator = nkeys.createOperator();
const [system, app, other] = [nkeys.createAccount(), nkeys.createAccount(), nkeys.createAccount()];
const pub = (key: KeyPair) => key.getPublicKey();
const of = (account: KeyPair) => ({ authenticator: asUserOf(credentials(account)) });
const preload = (...accounts: KeyPair[]): [string, Map<string, string>] => [
  'accounts',
  new Map(accounts.map((account) => [pub(account), `${accountJwt(operator, account)}\n`])),
];
// as nsc prints it
const decorated = `-----BEGIN NATS OPERATOR JWT-----\n${operatorJwt(operator)}\n------END NATS OPERATOR JWT------\n`;
const trust: [string, Map<string, string>] = ['trust', new Map([['op.jwt', decorated]])];

function auth(resolver: object) {
  const jwtSecret = { name: 'trust', key: 'op.jwt' };
  return { operator: { jwtSecret, systemAccount: pub(system), resolver } };
}

describe.each(versions)('trust in an operator on nats-server %s', (version) => {
  const servers = new Servers(version);
  let accountServer: Server | undefined;

  afterEach(() => accountServer?.close());
  afterAll(() => servers.remove());

  it('lets in users of accounts that are preloaded in memory, apart from each other', async () => {
    const resolver = { type: 'memory', preloadSecret: 'accounts' };
    await servers.start({ spec: { auth: auth(resolver) }, secrets: new Map([trust, preload(system, app, other)]) });
    const [one, two, stranger] = [
      await servers.client(of(app)),
      await servers.client(of(app)),
      await servers.client(of(other)),
    ];
    const heard = [listen(one), listen(stranger)];
    await Promise.all([one.flush(), stranger.flush()]);
    two.publish('greetings');
    await two.flush();
    await eventually(60, () => expect(Promise.resolve(heard)).resolves.toEqual([['greetings'], []]));
    await refused(of(nkeys.createAccount()), {});
  }, 180_000);

  it('learns accounts that are pushed, tells the others, and keeps them while members are restarted', async () => {
    const resolver = {
      type: 'full',
      preloadSecret: 'accounts',
      allowDelete: true,
      limit: 100,
      timeout: '2s',
      interval: '1s',
    };
    const wish = { spec: { auth: auth(resolver) }, secrets: new Map([trust, preload(system)]) };
    await servers.start(wish, 3);
    await refused(of(app));
    expect(await push(await servers.client(of(system)), app)).toMatchObject({ data: { code: 200 } });
    for (const member of [0, 1, 2]) await eventually(60, () => servers.client(of(app), member));
    for (const member of [0, 1, 2]) {
      await servers.restart(member);
      await eventually(60, () => servers.client(of(app), member));
    }
  }, 180_000);

  it('starts with a full resolver that knows nothing yet, on the claim', async () => {
    const spec = { auth: auth({ type: 'full' }), jetstream: { fileStorage: { size: '1Gi' } } };
    await servers.start({ spec, secrets: new Map([trust]) });
    expect(await push(await servers.client(of(system)), app)).toMatchObject({ data: { code: 200 } });
    await servers.client(of(app));
    await servers.restart(0);
    await servers.client(of(app));
  }, 180_000);

  it.each([
    ['auth.operator', (url: string) => ({ auth: auth({ type: 'url', url }) })],
    ['operatorConfig', (url: string) => operatorConfig(`URL(${url})`)],
    ['operatorConfig with an address alone', operatorConfig],
  ])(
    'asks an account server: %s',
    async (_, specOf) => {
      const accounts = new Map([system, app].map((account) => [pub(account), accountJwt(operator, account)]));
      accountServer = createServer((request, response) =>
        response.end(accounts.get(request.url?.split('/').at(-1) ?? '')),
      );
      const url = await new Promise<string>((resolve) => {
        accountServer?.listen(0, '127.0.0.1', () => {
          const address = accountServer?.address();
          resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jwt/v1/accounts/`);
        });
      });
      await servers.start({ spec: specOf(url), secrets: new Map([trust]) });
      await servers.client(of(app));
      await refused(of(other));
    },
    180_000,
  );

  it('asks a service of the user, which says who may come in and what he may do', async () => {
    const issuer = nkeys.createAccount();
    const passwords = new Map([['service', new Map([['password', 'change-me']])]]);
    await servers.start({
      spec: {
        auth: {
          accounts: [
            { name: 'AUTH', users: [{ name: 'auth', passwordSecret: { name: 'service', key: 'password' } }] },
            { name: 'APP' },
          ],
          callout: { issuer: pub(issuer), account: 'AUTH', authUsers: ['auth'] },
        },
      },
      secrets: passwords,
    });
    const service = await servers.client({ user: 'auth', pass: 'change-me' });
    answerCallouts(service, issuer);
    await service.flush();
    const client = await servers.client({ user: 'known', pass: 'known' });
    const errors: string[] = [];
    for (const subject of ['secret', 'greetings']) {
      client.subscribe(subject, {
        callback: (error) => {
          if (error) errors.push(error.message);
        },
      });
    }
    await client.flush();
    await eventually(60, () => expect(Promise.resolve(errors.join())).resolves.toMatch(/Subscription to "secret"/));
    expect(errors).toHaveLength(1);
    await refused({ user: 'unknown', pass: 'x' }, {}, { user: 'auth', pass: 'wrong' });
  }, 180_000);

  async function refused(...clients: Parameters<Servers['client']>[0][]): Promise<void> {
    for (const options of clients)
      await expect(servers.client(options)).rejects.toThrow(/authorization violation|authentication(?! timeout)/i);
  }
});

function operatorConfig(resolver: string) {
  return { operatorConfig: { secret: 'trust', systemAccount: pub(system), resolver } };
}

/** What `nsc push` does. */
async function push(client: NatsConnection, account: KeyPair): Promise<unknown> {
  return (await client.request('$SYS.REQ.CLAIMS.UPDATE', accountJwt(operator, account), { timeout: 20_000 })).json();
}

function listen(client: NatsConnection): string[] {
  const heard: string[] = [];
  client.subscribe('>', { callback: (_, { subject }) => void heard.push(subject) });
  return heard;
}
