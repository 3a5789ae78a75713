import { type StoredObject } from '../../kubernetes/object';
import { systemUser } from '../../templates/nats-conf/system-account';
import { clusterState } from './cluster-state';
import { aRole } from './plan/makers';

const auth = { enableServiceAccounts: true };

function aStored(
  changes: {
    spec?: object;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
    conditions?: readonly object[];
  } = {},
) {
  const { spec, annotations, deletionTimestamp, conditions } = changes;
  const metadata = { name: 'nats', namespace: 'nats-io', uid: 'u', resourceVersion: '1', generation: 1, annotations };
  return {
    ...{ apiVersion: 'nats.io/v1beta1', kind: 'NatsCluster' },
    metadata: { ...metadata, creationTimestamp: '2030-06-01T00:00:00Z', deletionTimestamp },
    spec: { size: 3, version: '2.15.2', auth, ...spec },
    status: { conditions },
  } as StoredObject;
}

const stateOf = (changes?: Parameters<typeof aStored>[0]) => clusterState(aRole(), () => aStored(changes));

describe('the cluster of a role', () => {
  it('has the names of its own users taken, and that of the operator', () => {
    const accounts = [{ name: 'A', users: [{ name: 'alice', passwordSecret: { name: 's', key: 'k' } }] }];
    const state = stateOf({ spec: { auth: { ...auth, accounts } } });
    expect(state).toMatchObject({ is: 'on', taken: new Set([systemUser, 'alice']) });
  });

  it.each([
    ['spec.paused', { spec: { paused: true } }, 'it is paused'],
    ['the annotation', { annotations: { 'nats.io/paused': 'true' } }, 'it is paused'],
    ['its deletion', { deletionTimestamp: '2030-06-01T00:00:00Z' }, 'it is being deleted'],
    ...[
      ...['SecretMissing', 'SecretInvalid', 'NameTaken', 'KeyMissing', 'KeyFixed', 'ConsumersInTheWay'].map(
        (reason) => ['Degraded', reason] as const,
      ),
      ['Progressing', 'GuardingStreams'] as const,
    ].map(([type, reason]) => {
      return [reason, { conditions: [{ type, status: 'True', reason }] }, `${type} says ${reason}`] as const;
    }),
    [
      'a refused spec',
      { conditions: [{ type: 'ConfigValid', status: 'False', reason: 'Invalid' }] },
      'ConfigValid says Invalid',
    ],
  ] as const)('gets no new tokens with %s', (_, changes, why) => {
    expect(stateOf(changes)).toMatchObject({ is: 'on', held: expect.stringContaining(why) as string });
  });

  it('gets them where all is well, and with troubles that do not stop nats.conf', () => {
    const conditions = [
      { type: 'Degraded', status: 'True', reason: 'ImagePullFailed' },
      { type: 'Progressing', status: 'True', reason: 'Rolling' },
      { type: 'ConfigValid', status: 'True', reason: 'Valid' },
    ];
    expect(stateOf({ conditions })).toMatchObject({ is: 'on', held: undefined });
  });
});
