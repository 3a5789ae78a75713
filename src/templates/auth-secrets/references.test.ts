import { nkeys } from '@nats-io/transport-node';
import { wantedOf } from '../../controllers/nats-cluster/wanted';
import { aCluster } from '../../resources/testing/a-cluster';
import { accountJwt, credentials, operatorJwt } from '../testing/jwt';

const operator = nkeys.createOperator();
const [system, account] = [nkeys.createAccount(), nkeys.createAccount()];
const userKey = nkeys.createUser().getPublicKey();
const trusted = operatorJwt(operator); // signing is slow
const clients = { auth: { clientsAuthSecret: 's' } };
const routes = { auth: { clusterAuthSecret: 's' } };
const oneUser = { auth: { users: [{ name: 'alice', passwordSecret: { name: 's', key: 'k' } }] } };
const trust = (resolver: object, jwt: object = {}) => ({
  auth: {
    operator: { jwtSecret: { name: 'op', key: 'op.jwt' }, systemAccount: system.getPublicKey(), resolver, ...jwt },
  },
});
const url = { type: 'url', url: 'http://accounts' };
const full = { type: 'full', preloadSecret: 's' };

/** What is said of a secret with that content. */
function said(spec: Record<string, unknown>, content: Record<string, string>): string[] {
  const secrets = new Map([
    ['s', new Map(Object.entries(content))],
    ['op', new Map([['op.jwt', trusted]])],
  ]);
  const { missing, systemUser } = wantedOf(aCluster(spec), secrets, [], { now: 'password' });
  const all = systemUser?.missing ? [...missing, systemUser.missing] : missing;
  return all.map(({ wrong = 'is missing' }) => wrong);
}

const json = (value: unknown) => ({ 'auth.json': JSON.stringify(value) });
const user = { username: 'alice', password: 'hidden-value' };

describe('a secret for authentication', () => {
  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['users', clients, json({ users: [user], default_permissions: { publish: ['a'] } })],
    [
      'users with permissions',
      clients,
      json({ users: [{ ...user, permissions: { subscribe: { allow: ['a b'], deny: ['c'] } } }] }),
    ],
    ['no users', clients, json({ users: [] })],
    ['names that 0.8 took in any case', clients, json({ Users: [{ Username: 'a', Password: 'b' }] })],
    [
      'what meant nothing to 0.8',
      clients,
      json({
        users: [{ ...user, nkey: '', permissions: null, comment: 'x' }],
        ...{ default_permissions: null, token: null, comment: 'x' },
      }),
    ],
    [
      'subjects that are null',
      clients,
      json({ users: [{ ...user, permissions: { publish: ['a'], subscribe: null } }] }),
    ],
    ['a token', clients, json({ token: 'hidden-value' })],
    ['credentials as JSON', routes, json(user)],
    ['credentials as keys', routes, { ...user, type: 'any' }],
    ['a password', oneUser, { k: 'hidden-value' }],
    ['accounts', trust(full), { [account.getPublicKey()]: accountJwt(operator, account) }],
    [
      'credentials of the system',
      trust(url, { systemUserSecret: { name: 's', key: 'k' } }),
      { k: credentials(system) },
    ],
    [
      'credentials that a signing key of the system account made',
      trust(url, { systemUserSecret: { name: 's', key: 'k' } }),
      { k: credentials(account, undefined, {}, { issuer_account: system.getPublicKey() }) },
    ],
  ])('is fine with %s', (_, spec, content) => {
    expect(said(spec, content)).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, Record<string, string>, RegExp]>([
    [
      'is not JSON',
      clients,
      { 'auth.json': 'hidden-value' },
      /^has under its key auth.json what is not a JSON object: write/,
    ],
    ['is a list', clients, json([user]), /not a JSON object/],
    ['is empty', clients, {}, /must have exactly one key, whose value is JSON, and has none/],
    ['has two keys', clients, { a: '{}', b: '{}' }, /exactly one key.*has a, b/],
    ['has no users', clients, json({}), /no users: add a list "users"/],
    [
      'has a wrong key beside subjects',
      clients,
      json({ users: [{ ...user, permissions: { publish: { denied: ['a'] } } }] }),
      /publish\.denied, which is not known: it takes allow, deny/,
    ],
    [
      'misspells permissions',
      clients,
      json({ users: [user, { ...user, username: 'bob', permision: { publish: ['hidden-value'] } }] }),
      /users\[1\]\.permision, which is not known: it takes username, .*permissions.*; write one of these, or remove it/,
    ],
    [
      'misspells what permissions have',
      clients,
      json({ users: [{ ...user, permissions: { pub: ['a'], subscribe: ['b'] } }] }),
      /users\[0\]\.permissions\.pub, which is not known: it takes publish, subscribe, allow_responses/,
    ],
    [
      'limits nothing where it says so',
      clients,
      json({ users: [{ ...user, permissions: { publish: ['a'], readonly: true } }] }),
      /users\[0\]\.permissions\.readonly, which is not known/,
    ],
    [
      'misspells default permissions',
      clients,
      json({ users: [user], defaultPermissions: { publish: ['a'] } }),
      /auth\.json defaultpermissions, which is not known: it takes users, default_permissions/,
    ],
    [
      'misspells what default permissions have',
      clients,
      json({ users: [user], default_permissions: { subscribes: ['a'] } }),
      /default_permissions\.subscribes, which is not known/,
    ],
    [
      'misspells kinds of connections',
      clients,
      json({ users: [{ ...user, allowed_connections: ['MQTT'] }] }),
      /users\[0\]\.allowed_connections, which is not known/,
    ],
    ['has null as password', clients, json({ users: [{ username: 'a', password: null }] }), /password that is empty/],
    [
      'has a user without name',
      clients,
      json({ users: [{ password: 'hidden-value' }] }),
      /users\[0\] without username/,
    ],
    [
      'has an empty password',
      clients,
      json({ users: [{ username: 'a', password: '' }] }),
      /users\[0\]\.password that is empty/,
    ],
    ['has no password', clients, json({ users: [{ username: 'a' }] }), /users\[0\]\.password that is empty/],
    [
      'has a number as password',
      clients,
      json({ users: [{ username: 'a', password: 123 }] }),
      /users\[0\]\.password that is not text/,
    ],
    [
      'has a malformed nkey',
      clients,
      json({ users: [{ nkey: 'UABC' }] }),
      /users\[0\]\.nkey that is not the public nkey of a user/,
    ],
    ['has a seed', clients, json({ users: [{ nkey: 'SUABC' }] }), /not the public nkey of a user/],
    ['has a user twice', clients, json({ users: [user, user] }), /users\[1\] twice/],
    [
      'has a user of an account',
      { auth: { ...clients.auth, accounts: [{ name: 'A', users: [{ name: 'alice', nkey: userKey }] }] } },
      json({ users: [{ ...user, username: 'bob' }, { nkey: userKey }] }),
      /users\[1\] that spec\.auth has too/,
    ],
    [
      "has the operator's own user",
      clients,
      json({ users: [{ ...user, username: 'nats-operator-system' }] }),
      /users\[0\] with the name of the operator's own user/,
    ],
    [
      'has a bad subject',
      clients,
      json({ users: [{ ...user, permissions: { publish: ['a..b'] } }] }),
      /permissions\.publish with what is no subject/,
    ],
    [
      'has what 1.x lacks',
      { ...clients, version: '1.0.4' },
      json({ users: [{ ...user, permissions: { publish: { deny: ['a'] } } }] }),
      /needs nats-server 1\.3\.0 or newer, and spec\.version is 1\.0\.4/,
    ],
    [
      'has a token beside accounts',
      { auth: { ...clients.auth, accounts: [{ name: 'A' }] } },
      json({ token: 'hidden-value' }),
      /a token, beside which no users can stand/,
    ],
    ['has credentials without password', routes, json({ username: 'a' }), /a password that is not text/],
    ['has credentials with an empty password', routes, { username: 'a', password: '' }, /a password that is empty/],
    ['has no credentials', routes, { 'a.json': '[]' }, /must have the keys username and password, or one key/],
    [
      'has credentials as bcrypt',
      routes,
      json({ username: 'a', password: '$2a$11$hidden-value' }),
      /bcrypt.*write it plain/,
    ],
    ['has an empty key', oneUser, { k: '' }, /under k a password that is empty/],
    ['has a line break', oneUser, { k: 'hidden-value\n' }, /under k a password that ends with a line break/],
    ['has bytes that are no text', oneUser, { k: 'hidden-value\ufffd' }, /not UTF-8/],
    [
      'has accounts under other names',
      trust(full),
      { a: accountJwt(operator, account) },
      /under a what is not the JWT of the account/,
    ],
    [
      'has JWTs of something else',
      trust(full),
      { [account.getPublicKey()]: operatorJwt(operator) },
      /not the JWT of the account/,
    ],
    [
      'lacks the system account',
      trust({ ...full, type: 'memory' }),
      { [account.getPublicKey()]: accountJwt(operator, account) },
      /add the JWT of the system account/,
    ],
    [
      'has no operator',
      { operatorConfig: { secret: 's' } },
      { 'op.jwt': 'hidden-value' },
      /under op.jwt what is not the JWT of an operator/,
    ],
    [
      'has credentials without seed',
      trust(url, { systemUserSecret: { name: 's', key: 'k' } }),
      { k: credentials(system).replace(/^SU\w+$/m, '') },
      /not a credentials file/,
    ],
    [
      'has credentials of another account',
      trust(url, { systemUserSecret: { name: 's', key: 'k' } }),
      { k: credentials(account) },
      /a user in another account than spec\.auth\.operator\.systemAccount: write what "nsc/,
    ],
  ])('is refused where it %s, with the cure and without what it holds', (_, spec, content, wrong) => {
    const [found = '', ...others] = said(spec, content);
    expect(found).toMatch(wrong);
    expect(others).toEqual([]);
    expect(found).not.toContain('hidden-value');
  });

  it('is not waited for where users are made from service accounts, which come before it', () => {
    const { missing } = wantedOf(aCluster({ auth: { ...clients.auth, enableServiceAccounts: true } }), new Map());
    expect(missing).toEqual([]);
  });

  it('is named with the field and each key that it lacks', () => {
    const { missing } = wantedOf(aCluster(oneUser), new Map([['s', new Map()]]));
    expect(missing).toEqual([{ secret: 's', field: 'spec.auth.users[0].passwordSecret', key: 'k' }]);
  });

  it('is named once where it does not exist, however many refer to it', () => {
    const users = ['a', 'b'].map((name) => ({ name, passwordSecret: { name: 's', key: name } }));
    const { missing, objects } = wantedOf(aCluster({ auth: { users } }), new Map());
    expect(missing).toEqual([{ secret: 's', field: 'spec.auth.users[0].passwordSecret' }]);
    expect(objects).toEqual([]);
  });
});
