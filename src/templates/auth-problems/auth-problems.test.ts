import { nkeys } from '@nats-io/transport-node';
import { aCluster } from '../../resources/testing/a-cluster';
import { unsupported } from '../unsupported';

const passwordSecret = { name: 's', key: 'k' };
const alice = { name: 'alice', passwordSecret };
const nkey = nkeys.createUser().getPublicKey();
const accountKey = nkeys.createAccount().getPublicKey();
const jwtSecret = { name: 's', key: 'op.jwt' };
const operator = (resolver: object) => ({ operator: { jwtSecret, systemAccount: accountKey, resolver } });

function problems(auth: object, spec: object = {}): string[] {
  return unsupported(aCluster({ auth, ...spec })).map(({ field, message }) => `${field}: ${message}`);
}

describe('what a server would not take', () => {
  it.each<[string, object, string]>([
    [
      'a user twice',
      { users: [alice], accounts: [{ name: 'A', users: [{ name: 'alice', passwordSecret }] }] },
      'spec.auth.accounts[0].users[0]: is the same user as spec.auth.users[0]',
    ],
    [
      'an nkey twice',
      {
        users: [
          { name: 'a', nkey },
          { name: 'b', nkey },
        ],
      },
      'spec.auth.users[1]: is the same user as spec.auth.users[0]',
    ],
    [
      "the operator's own user",
      { users: [{ name: 'nats-operator-system', passwordSecret }] },
      "spec.auth.users[0]: has the name of the operator's own user",
    ],
    ['a mistyped nkey', { users: [{ name: 'a', nkey: 'U'.padEnd(56, 'A') }] }, 'spec.auth.users[0].nkey: is no nkey'],
    ['a guest who is no user', { users: [alice], noAuthUser: 'bob' }, 'spec.auth.noAuthUser: is no user of the spec'],
    [
      'a callout with a service that can not log in, of an account that is not there',
      { users: [alice], callout: { issuer: accountKey, account: 'A', authUsers: ['bob'] } },
      'spec.auth.callout.authUsers: has bob, which is no user of the spec',
    ],
    ['the global account', { accounts: [{ name: '$G' }] }, 'spec.auth.accounts[0].name: is the global account'],
    [
      'streams of an account where servers have none',
      { accounts: [{ name: 'A', jetstream: {} }] },
      'spec.auth.accounts[0].jetstream: needs JetStream on the servers',
    ],
    [
      'an import from nowhere',
      { accounts: [{ name: 'A', imports: [{ account: 'B', stream: 'a' }] }] },
      'spec.auth.accounts[0].imports[0].account: is no account of the spec: add B',
    ],
    [
      'an import of what is exported to others only',
      {
        accounts: [
          { name: 'A', exports: [{ stream: 'a.>', accounts: ['C'] }] },
          { name: 'B', imports: [{ account: 'A', stream: 'a.b' }] },
          { name: 'C' },
        ],
      },
      'spec.auth.accounts[1].imports[0]: wants stream a.b, which A does not export to B: add the export',
    ],
    [
      'an export to nobody',
      { accounts: [{ name: 'A', exports: [{ service: 'a', accounts: ['B'] }] }] },
      'spec.auth.accounts[0].exports[0].accounts: has B, which is no account of the spec',
    ],
    [
      'a subject that is none',
      { users: [{ ...alice, permissions: { publish: { deny: ['a..b'] } } }] },
      'spec.auth.users[0].permissions.publish.deny: has a..b, which is no subject',
    ],
    [
      'accounts in files that go with the pods',
      operator({ type: 'full' }),
      'spec.auth.operator.resolver: of type full keeps accounts in files',
    ],
    [
      'an address that servers take for memory',
      operator({ type: 'url', url: 'http://members.example.com/' }),
      'spec.auth.operator.resolver.url: has the letters "mem"',
    ],
  ])('%s is said with its cure', (_, auth, problem) => {
    expect(problems(auth)).toContainEqual(expect.stringContaining(problem));
  });

  it('is nothing in what is right', () => {
    const auth = {
      users: [alice, { name: 'service', nkey }],
      noAuthUser: 'alice',
      callout: { issuer: accountKey, authUsers: ['service', nkey] },
      accounts: [
        { name: 'A', exports: [{ stream: 'a.>', accounts: ['B'] }, { service: 's' }] },
        {
          name: 'B',
          imports: [
            { account: 'A', stream: 'a.b', prefix: 'p' },
            { account: 'A', service: 's', to: 't' },
          ],
        },
      ],
    };
    expect(problems(auth)).toEqual([]);
    expect(problems(operator({ type: 'full', preloadSecret: 'accounts' }))).toEqual([]);
  });
});

describe('what a version does not have yet', () => {
  it.each<[string, object, string]>([
    [
      '1.0.4',
      { users: [{ ...alice, permissions: { publish: { deny: ['a'] } } }] },
      'users[0].permissions.publish.deny: needs nats-server 1.3.0',
    ],
    ['1.4.1', { users: [alice, { name: 'b', nkey }] }, 'users[1].nkey: needs nats-server 2.0.0'],
    ['1.0.4', { accounts: [{ name: 'A' }] }, 'accounts: needs nats-server 2.0.0'],
    [
      '2.1.9',
      { users: [{ ...alice, allowedConnectionTypes: ['STANDARD'] }] },
      'users[0].allowedConnectionTypes: needs nats-server 2.2.0',
    ],
    [
      '2.6.0',
      { users: [{ ...alice, allowedConnectionTypes: ['MQTT_WS'] }] },
      'users[0].allowedConnectionTypes: has MQTT_WS, which needs nats-server 2.7.0',
    ],
    ['2.6.0', { accounts: [{ name: 'A', limits: {} }] }, 'accounts[0].limits: needs nats-server 2.7.0'],
    [
      '2.9.0',
      { users: [alice], callout: { issuer: accountKey, authUsers: ['alice'] } },
      'callout: needs nats-server 2.10.0',
    ],
    ['2.1.9', operator({ type: 'full', preloadSecret: 'a' }), 'operator.resolver.type: full needs nats-server 2.2.0'],
  ])('%s is told the version that has it', (version, auth, problem) => {
    const [found, ...others] = problems(auth, { version });
    expect(found).toContain(`spec.auth.${problem} or newer, and spec.version is ${version}`);
    expect(others).toEqual([]);
  });
});
