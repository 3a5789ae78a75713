import { aCluster } from '../../resources/testing/a-cluster';
import { authorizationBlock } from './authorization';

function secretWith(username: string, more: object = {}) {
  const users = JSON.stringify({ users: [{ username, password: 'secret', ...more }], default_permissions: null });
  return new Map([['users', new Map([['users.json', users]])]]);
}

describe('users made from service accounts', () => {
  const user = { name: 'app', password: 'a token', permissions: { publish: ['a'], subscribe: ['b'] } };

  it('may connect with their token, and do what their role says', () => {
    const block = authorizationBlock(aCluster({ auth: { enableServiceAccounts: true } }).spec, new Map(), [user]);
    expect(block).toEqual({
      users: [{ user: 'app', password: 'a token', permissions: { publish: ['a'], subscribe: ['b'] } }],
    });
  });

  it('are alone, as with 0.8, where a secret is left over from before them', () => {
    const spec = { auth: { enableServiceAccounts: true, clientsAuthSecret: 'users' } };
    const alone = { users: [expect.objectContaining({ user: 'app', password: 'a token' })] };
    expect(authorizationBlock(aCluster(spec).spec, secretWith('alice'), [user])).toEqual(alone);
    expect(authorizationBlock(aCluster(spec).spec, new Map(), [user])).toEqual(alone);
  });

  it('are not there where the spec does not ask for them', () => {
    expect(authorizationBlock(aCluster().spec, new Map(), [user])).toBeUndefined();
  });
});

describe('users of a secret', () => {
  it('are rendered without what meant nothing to 0.8, as servers know no null and no other keys', () => {
    const { spec } = aCluster({ auth: { clientsAuthSecret: 'users' } });
    const permissions = { publish: ['a'], subscribe: null, comment: 'x' };
    expect(authorizationBlock(spec, secretWith('alice', { nkey: '', comment: 'x', permissions }), [])).toEqual({
      users: [{ username: 'alice', password: 'secret', permissions: { publish: ['a'] } }],
    });
  });

  it('come before a file, as with 0.8', () => {
    const { spec } = aCluster({ auth: { clientsAuthSecret: 'users', clientsAuthFile: 'auth.json' } });
    expect(authorizationBlock(spec, secretWith('alice'), [])).toEqual({
      users: [{ username: 'alice', password: 'secret' }],
    });
  });
});
