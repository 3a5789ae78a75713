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

  it('are not there where the spec does not ask for them', () => {
    expect(authorizationBlock(aCluster().spec, new Map(), [user])).toBeUndefined();
  });
});
