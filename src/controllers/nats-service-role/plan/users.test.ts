import { anAccount, aRole, aSituation, aTokenSecret, at, on } from './makers';
import { type RoleSituation } from './situation';
import { absentSecrets, serviceUsers } from './users';

function users(changes: Partial<RoleSituation>): string[] {
  return serviceUsers(aSituation(changes)).map(({ name, password }) => `${name}: ${password}`);
}

describe('the users of a role', () => {
  it('have the name of the role as nats-operator 0.8 had it, and one that is unique', () => {
    expect(serviceUsers(aSituation())).toEqual([
      { name: 'app', password: 'token-nats-io', permissions: { publish: ['a'], subscribe: ['>'] } },
      { name: 'nats-io_app', password: 'token-nats-io', permissions: { publish: ['a'], subscribe: ['>'] } },
    ]);
  });

  it('never share a name: the oldest of all service accounts has that of the role', () => {
    const accounts = [
      anAccount('team-a', { creationTimestamp: at(-10) }),
      anAccount('team-b', { creationTimestamp: at(-20) }),
    ];
    const secrets = [aTokenSecret('team-a'), aTokenSecret('team-b')];
    const expected = ['app: token-team-b', 'team-b_app: token-team-b', 'team-a_app: token-team-a'];
    expect(users({ accounts, secrets })).toEqual(expected);
    expect(users({ accounts: [...accounts].reverse(), secrets: [...secrets].reverse() })).toEqual(expected);
  });

  it('never have the name of a user of the spec', () => {
    expect(users({ cluster: { ...on, taken: new Set(['app']) } })).toEqual(['nats-io_app: token-nats-io']);
  });

  it('keep the token before as their password until the new one has reached the pods', () => {
    const data = { token: 'new', 'previous-token': 'old' };
    expect(users({ secrets: [aTokenSecret('nats-io', { data })] })).toEqual(['app: old', 'nats-io_app: old']);
  });

  it.each([
    ['the role is on its way out', { role: aRole({ deletionTimestamp: at(0) }) }],
    ['the role is gone', { role: undefined }],
    ['the service account is gone, even if its Secret is left', { accounts: [] }],
    ['the service account was made again', { accounts: [anAccount('nats-io', { uid: 'another' })] }],
    ['there is no token yet', { secrets: [aTokenSecret('nats-io', { data: {} })] }],
    ['the token is empty', { secrets: [aTokenSecret('nats-io', { data: { token: '' } })] }],
    ['the Secret is of somebody else', { secrets: [aTokenSecret('nats-io', { annotations: {} })] }],
    ['the cluster takes none', { cluster: { is: 'off', name: 'nats' } as const }],
    ['nobody knows what they may do', { problems: [{ field: 'spec.permissions', message: 'must be an object' }] }],
  ])('are none where %s', (_, changes) => {
    expect(users(changes)).toEqual([]);
  });
});

describe('a Secret that may be there without marks', () => {
  const absent = (changes: Partial<RoleSituation>) => absentSecrets(aSituation({ secrets: [], ...changes }));

  it('is looked for where a service account has none with marks', () => {
    expect(absent({})).toEqual([{ namespace: 'nats-io', name: 'app-nats-bound-token' }]);
    expect(absent({ secrets: [aTokenSecret('nats-io')] })).toEqual([]);
  });

  it.each([
    ['is on its way out', { role: aRole({ deletionTimestamp: at(0) }) }],
    ['is not valid', { problems: [{ field: 'spec.permissions', message: 'must be an object' }] }],
  ])('is not looked for while its role %s, as it would be for nothing', (_, changes) => {
    expect(absent(changes)).toEqual([]);
  });
});
