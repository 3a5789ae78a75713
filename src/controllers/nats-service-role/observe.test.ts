import { type StoredObject } from '../../kubernetes/object';
import { clusterState } from './observe';
import { aRole, anAccount, at, planned } from './plan/makers';

function stateOf(auth: object) {
  const cluster: StoredObject = {
    apiVersion: 'nats.io/v1beta1',
    kind: 'NatsCluster',
    metadata: { name: 'nats', namespace: 'nats-io', uid: 'u', resourceVersion: '1', creationTimestamp: at(0) },
    ...{ spec: { size: 1, auth: { enableServiceAccounts: true, ...auth } } },
  };
  return clusterState(aRole(), () => cluster);
}

describe('the names that a role may not take', () => {
  it('are those of the users of the spec, in whatever account', () => {
    const users = [{ name: 'app', passwordSecret: { name: 's', key: 'k' } }];
    expect(planned({ cluster: stateOf({ users }) })).toContain('UserNameTaken');
    expect(planned({ cluster: stateOf({ accounts: [{ name: 'A', users }] }) })).toContain('UserNameTaken');
    expect(planned({ cluster: stateOf({}) })).toEqual([]);
  });

  it("are that of the operator's own user, of which servers refuse another", () => {
    const own = { name: 'nats-operator-system' };
    const accounts = [anAccount('nats-io', own)];
    const troubles = planned({ role: aRole(own), accounts, cluster: stateOf({}) });
    expect(troubles).toContain('UserNameTaken');
  });
});
