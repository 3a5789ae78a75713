import { anAccount, aRole, aSituation, aTokenSecret, at, noon, on, planned } from './makers';
import { planRole } from './plan';
import { passwordIn } from './tokens';

const day = 24 * 3600;

describe('a role whose service accounts have their users', () => {
  it('needs nothing', () => {
    expect(planned({})).toEqual([]);
  });

  it('is looked at again when its first token is due', () => {
    expect(planRole(aSituation()).again).toBe(noon + (0.8 * 7 - 1) * day * 1000);
  });
});

describe('a service account with the name of a role', () => {
  it('gets a Secret, and then a token that is bound to it', () => {
    expect(planned({ secrets: [] })).toEqual(['create nats-io']);
    expect(planned({ secrets: [aTokenSecret('nats-io', { data: {} })] })).toEqual(['issue nats-io']);
  });

  it('gets one in each namespace', () => {
    expect(planned({ accounts: [anAccount('nats-io'), anAccount('team-a')] })).toEqual(['create team-a']);
  });

  it('loses its token when it goes', () => {
    expect(planned({ accounts: [] })).toEqual(['delete nats-io', 'NoServiceAccount']);
  });

  it('gets another token when it was made again: the one before was that of another account', () => {
    expect(planned({ accounts: [anAccount('nats-io', { uid: 'another' })] })).toEqual(['delete nats-io']);
  });

  it('is not served under the name of a Secret of somebody else, which is left alone', () => {
    const secret = aTokenSecret('nats-io', { labels: {}, annotations: {} });
    expect(planned({ secrets: [secret] })).toEqual(['NameTaken']);
    expect(planned({ secrets: [secret], accounts: [] })).toEqual(['NoServiceAccount']);
  });

  it('waits while its Secret is on its way out', () => {
    expect(planned({ secrets: [aTokenSecret('nats-io', { deletionTimestamp: at(0) })] })).toEqual([]);
  });

  it('is told of where a user of the spec has its name', () => {
    const cluster = { ...on, taken: new Set(['app']) };
    expect(planRole(aSituation({ cluster })).troubles).toEqual([
      {
        reason: 'UserNameTaken',
        message: 'spec.auth of NatsCluster nats has a user app already: give that user or the role another name',
      },
    ]);
  });
});

describe("the name of the operator's own user", () => {
  it('is not for a role', () => {
    const cluster = { ...on, taken: new Set(['nats-operator-system']) };
    const role = aRole({ name: 'nats-operator-system' });
    const { troubles } = planRole(aSituation({ role, cluster, secrets: [] }));
    expect(troubles.map(({ message }) => message)).toEqual([
      "user nats-operator-system of NatsCluster nats is the operator's own: give the role another name",
    ]);
  });
});

describe('a token', () => {
  it('is renewed when four fifths of its life are over', () => {
    expect(planned({ secrets: [aTokenSecret('nats-io', { issued: 5.59 * day })] })).toEqual([]);
    expect(planned({ secrets: [aTokenSecret('nats-io', { issued: 5.6 * day })] })).toEqual(['issue nats-io']);
  });

  it('is taken by the servers when pods have had two minutes to get it', () => {
    const data = { token: 'new', 'previous-token': 'old' };
    const fresh = aSituation({ secrets: [aTokenSecret('nats-io', { issued: 119, data })] });
    expect(planRole(fresh)).toMatchObject({ actions: [], again: noon + 1000 });
    expect(planned({ secrets: [aTokenSecret('nats-io', { issued: 120, data })] })).toEqual(['switch nats-io']);
  });

  it('before is published until all servers run with the new one, which may take a roll', () => {
    const taken = (seconds: number) => aTokenSecret('nats-io', { issued: 1000, data, taken: seconds });
    const data = { token: 'new', 'previous-token': 'old' };
    const young = { secrets: [taken(119)] };
    expect(planRole(aSituation(young))).toMatchObject({ actions: [], again: noon + 1000 });
    expect(planned({ secrets: [taken(120)] })).toEqual(['forget nats-io']);
    expect(planned({ secrets: [taken(600)], loaded: false })).toEqual([]);
  });

  it('is not renewed while servers may take the one before alone, which a third one would drop', () => {
    const data = { token: 'new', 'previous-token': 'old' };
    const due = (taken?: number) => ({ secrets: [aTokenSecret('nats-io', { issued: 6 * day, data, taken })] });
    expect(planRole(aSituation({ ...due(600), loaded: false }))).toEqual({ actions: [], troubles: [] });
    expect(planRole(aSituation(due(119)))).toEqual({ actions: [], troubles: [], again: noon + 1000 });
    expect(planned(due(120))).toEqual(['issue nats-io']);
    // no server was told of the new one: the one before stays
    expect(planned({ ...due(), loaded: false })).toEqual(['issue nats-io']);
  });

  it('comes at once where the Secret has lost it, whatever servers take', () => {
    const lost = aTokenSecret('nats-io', { data: { 'previous-token': 'old' }, taken: 1 });
    expect(planned({ secrets: [lost], loaded: false })).toEqual(['issue nats-io']);
  });

  it('that is taken is what the servers are to take, also where the one before is still published', () => {
    const data = { token: 'new', 'previous-token': 'old' };
    expect(passwordIn(aTokenSecret('nats-io', { data }))).toBe('old');
    expect(passwordIn(aTokenSecret('nats-io', { data, taken: 1 }))).toBe('new');
  });

  it('of nats-operator 0.8 is taken over, and renewed, as nobody knows its age', () => {
    const ownerReferences = [{ apiVersion: 'nats.io/v1alpha2', kind: 'NatsServiceRole', name: 'app', uid: 'role-uid' }];
    const labels = { app: 'nats', nats_cluster: 'nats' };
    const old = aTokenSecret('nats-io', { labels, annotations: {}, ownerReferences });
    expect(planned({ secrets: [old] })).toEqual(['mark nats-io']);
    const marked = aTokenSecret('nats-io', { annotations: { 'nats.io/service-role': 'app' }, ownerReferences });
    expect(planned({ secrets: [marked] })).toEqual(['issue nats-io']);
    // while servers of 0.8 are replaced their clients come with what the Secret says
    expect(planned({ secrets: [marked], cluster: { ...on, settled: false } })).toEqual([]);
  });

  it('of ours is renewed while servers are restarted: it may be the only one that is known not to have expired', () => {
    const due = aTokenSecret('nats-io', { issued: 6 * day });
    expect(planned({ secrets: [due], cluster: { ...on, settled: false } })).toEqual(['issue nats-io']);
  });
});

describe('while nats.conf is not written', () => {
  const cluster = { ...on, held: 'it is paused' };
  const data = { token: 'new', 'previous-token': 'old' };

  it('no token is renewed or taken, and nothing is looked at before that ends', () => {
    const old = aSituation({ cluster, secrets: [aTokenSecret('nats-io', { issued: 6 * day })] });
    expect(planRole(old)).toEqual({ actions: [], troubles: [] });
    const overlapping = aSituation({ cluster, secrets: [aTokenSecret('nats-io', { issued: 120, data })] });
    expect(planRole(overlapping)).toEqual({ actions: [], troubles: [], again: noon + (0.8 * 7 * day - 120) * 1000 });
  });

  it('no token before is dropped, as a sidecar has servers load only what is written', () => {
    expect(planned({ cluster, secrets: [aTokenSecret('nats-io', { issued: 1000, data, taken: 600 })] })).toEqual([]);
  });

  it('a Secret of nats-operator 0.8 is marked, and keeps its token', () => {
    const ownerReferences = [{ apiVersion: 'nats.io/v1alpha2', kind: 'NatsServiceRole', name: 'app', uid: 'role-uid' }];
    const marked = aTokenSecret('nats-io', { annotations: { 'nats.io/service-role': 'app' }, ownerReferences });
    expect(planned({ cluster, secrets: [marked] })).toEqual([]);
  });

  it('a service account without a token is told of', () => {
    const { actions, troubles } = planRole(aSituation({ cluster, secrets: [aTokenSecret('nats-io', { data: {} })] }));
    const message = 'tokens are not made while NatsCluster nats takes no changes: it is paused';
    expect({ actions, troubles }).toEqual({ actions: [], troubles: [{ reason: 'ClusterHeld', message }] });
  });
});

describe('a role', () => {
  it('that is gone takes all tokens with it', () => {
    const secrets = [aTokenSecret('nats-io'), aTokenSecret('team-a')];
    expect(planned({ role: undefined, accounts: [], cluster: { is: 'unnamed' }, secrets })).toEqual([
      'delete nats-io',
      'delete team-a',
    ]);
    expect(planned({ role: aRole({ deletionTimestamp: at(0) }) })).toEqual(['delete nats-io']);
  });

  it.each([
    [{ is: 'unnamed' } as const, /^label nats_cluster is missing: set it to the name of a NatsCluster$/],
    [
      { is: 'missing', name: 'nats' } as const,
      /^NatsCluster nats does not exist in namespace nats-io: create it there/,
    ],
    [{ is: 'off', name: 'nats' } as const, /set its spec.auth.enableServiceAccounts to true$/],
  ])('without a cluster that takes it says what to do, and has no tokens: %j', (cluster, message) => {
    const { actions, troubles } = planRole(aSituation({ cluster }));
    expect(actions.map(({ action }) => action.do)).toEqual(['delete']);
    expect(troubles).toEqual([expect.objectContaining({ message: expect.stringMatching(message) as string })]);
  });

  it('leaves all as it is while the spec of its cluster is not valid', () => {
    expect(planned({ cluster: { is: 'invalid', name: 'nats' } })).toEqual(['ClusterInvalid']);
  });

  it('that is not valid is told of with the field', () => {
    const problems = [{ field: 'spec.permissions.publish', message: 'each entry must be a subject without spaces' }];
    expect(planRole(aSituation({ problems }))).toEqual({
      actions: [],
      troubles: [
        { reason: 'Invalid', message: expect.stringMatching(/^spec\.permissions\.publish: each entry/) as string },
      ],
    });
  });

  it('that goes to another cluster takes the Secret of the first one away', () => {
    expect(planned({ cluster: { ...on, name: 'other' } })).toEqual(['delete nats-io', 'create nats-io']);
  });

  it('whose name is too long for its Secret says so', () => {
    expect(planned({ role: aRole({ name: 'x'.repeat(250) }), secrets: [] })).toEqual(['NameTooLong']);
  });
});
