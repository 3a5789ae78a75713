import { aCluster } from '../../resources/testing/a-cluster';
import { authorizationBlock } from './authorization';

describe('users made from service accounts', () => {
  const user = { name: 'app', password: 'a token', permissions: { publish: ['a'], subscribe: ['b'] } };

  it('may connect with their token, and do what their role says', () => {
    const block = authorizationBlock(aCluster({ auth: { enableServiceAccounts: true } }).spec, new Map(), [user]);
    expect(block).toEqual({
      users: [{ user: 'app', password: 'a token', permissions: { publish: ['a'], subscribe: ['b'] } }],
    });
  });

  it('leave a name to a user of the secret, as servers refuse two of one name', () => {
    const users = JSON.stringify({ users: [{ username: 'app', password: 'secret' }] });
    const spec = { auth: { enableServiceAccounts: true, clientsAuthSecret: 'users' } };
    const secrets = new Map([['users', new Map([['users.json', users]])]]);
    const block = authorizationBlock(aCluster(spec).spec, secrets, [user, { ...user, name: 'team_app' }]);
    expect(block?.users).toEqual([
      { username: 'app', password: 'secret' },
      expect.objectContaining({ user: 'team_app', password: 'a token' }),
    ]);
  });

  it('are not there where the spec does not ask for them', () => {
    expect(authorizationBlock(aCluster().spec, new Map(), [user])).toBeUndefined();
  });
});
