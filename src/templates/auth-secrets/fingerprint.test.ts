import { aCluster } from '../../resources/testing/a-cluster';
import { fingerprint } from './fingerprint';

const users = ['alice', 'bob'].map((name) => ({ name, passwordSecret: { name: 's', key: name } }));
const of = (content: Record<string, string>, spec: Record<string, unknown> = { auth: { users } }, metadata = {}) =>
  fingerprint(aCluster(spec, metadata), new Map([['s', new Map(Object.entries(content))]]), 'all');

describe('the fingerprint of secrets', () => {
  const plain = of({ alice: 'a', bob: 'b' });

  it('changes with each password', () => {
    expect(of({ alice: 'a', bob: 'c' })).not.toBe(plain);
    expect(of({ alice: 'b', bob: 'a' })).not.toBe(plain);
  });

  it('stays with what nothing refers to, and in whatever order the keys are', () => {
    expect(of({ bob: 'b', other: 'x', alice: 'a' })).toBe(plain);
  });

  it('leaves out what servers reload, where only what needs a restart is asked for', () => {
    const spec = aCluster({ auth: { users, clusterAuthSecret: 'routes' } });
    const restart = (alice: string, password: string) => {
      const content = { s: { alice, bob: 'b' }, routes: { username: 'r', password } };
      const secrets = Object.entries(content).map(([name, values]) => [name, new Map(Object.entries(values))] as const);
      return fingerprint(spec, new Map(secrets), 'restart');
    };
    expect(restart('a', 'p')).toBe(restart('changed', 'p'));
    expect(restart('a', 'p')).not.toBe(restart('a', 'changed'));
  });

  it('changes with each user of a service account, and shows no token', () => {
    const withUsers = (...names: string[]) => {
      const users = names.map((name) => ({ name, password: 'token' }));
      return fingerprint(aCluster(), new Map(), 'all', users);
    };
    const hashes = [withUsers(), withUsers('a'), withUsers('b'), withUsers('a', 'b')];
    expect(new Set(hashes).size).toBe(4);
    expect(hashes.join()).not.toContain('token');
    expect(withUsers('a')).toBe(withUsers('a'));
  });

  it('is another one for each cluster, so that equal passwords do not show', () => {
    expect(of({ alice: 'a', bob: 'b' }, { auth: { users } }, { uid: 'other' })).not.toBe(plain);
  });

  it('is none where there is no secret, or only one for the operator itself', () => {
    expect(of({}, {})).toBeUndefined();
    const systemAccount = 'A'.padEnd(56, 'A');
    const jwtSecret = { name: 'op', key: 'op.jwt' };
    const resolver = { type: 'url', url: 'http://a' };
    const operator = { jwtSecret, systemAccount, resolver, systemUserSecret: { name: 's', key: 'k' } };
    expect(of({ k: 'creds' }, { auth: { operator } })).toBeUndefined();
  });
});
