import { eventually } from '../../../e2e/cluster/eventually';
import { kinds } from '../../kubernetes/resource-kind';
import { requestAnnotations } from '../../resources/nats-cluster/requests';
import { secretsAnnotation } from '../../templates/names';
import { issuedAnnotation, takenAnnotation } from '../../templates/token-secret';
import { operatedKwok } from '../../testing/operated-kwok';
import { type TestedCluster } from '../../testing/tested-cluster';
import { natsClusterKind } from '../nats-cluster/kind';
import { natsServiceRoleKind } from './kind';
import { type TokenSecret } from './plan/situation';

const namespace = 'default';
const secretKey = { namespace, name: 'app-nats-bound-token' };
const version = '2.9.25';
const patience = 60;

// Each test finds what the one before it left. Servers before 2.10 can't be asked to reload: a new token restarts them one by one.
describe('the renewal of a token in a cluster of servers that are restarted for it', () => {
  const operated = operatedKwok();
  let cluster: TestedCluster;

  beforeAll(async () => {
    cluster = operated.kwok.natsCluster('nats');
    // long enough to look at what is true between the two
    const updateStrategy = { pauseBetweenMembersSeconds: 20 };
    await cluster.create({ size: 2, version, auth: { enableServiceAccounts: true }, updateStrategy });
    const without = await eventually(90, async () => {
      expect((await ready())?.status).toBe('True');
      return running();
    });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'app' } };
    await operated.kwok.client.create(kinds.serviceAccount, account);
    const metadata = { namespace, name: 'app', labels: { nats_cluster: 'nats' } };
    const role = { apiVersion: 'nats.io/v1beta1', kind: 'NatsServiceRole', metadata };
    await operated.kwok.client.create(natsServiceRoleKind, role);
    await eventually(150, async () => {
      expect(await keys()).toEqual(['token']);
      // all have been restarted for the first token
      const now = await running();
      expect(now).toHaveLength(1);
      expect(without).not.toContain(now[0]);
      expect((await ready())?.status).toBe('True');
    });
  }, 400_000);

  it('waits while the cluster is paused, and comes as soon as it is not', async () => {
    await pause('true');
    await age(issuedAnnotation, 100 * 24 * 3600);
    // what comes after it is seen after it
    await seen('later');
    expect(await keys()).toEqual(['token']);
    await pause(null);
    await eventually(patience, async () => {
      expect(await keys()).toEqual(['previous-token', 'token']);
    });
  }, 120_000);

  it('leaves the token before in the Secret until no server takes it any more', async () => {
    const [before] = await running();
    await age(issuedAnnotation, 121);
    await eventually(patience, async () => {
      expect(new Set(await running()).size).toBe(2);
      expect((await ready())?.status).toBe('False');
    });
    // the time alone is over
    await age(takenAnnotation, 3600);
    await seen('even-later');
    expect(await keys()).toEqual(['previous-token', 'token']);
    await eventually(2 * patience, async () => {
      expect(await keys()).toEqual(['token']);
    });
    const after = await running();
    expect(after).toHaveLength(1);
    expect(after).not.toContain(before);
  }, 400_000);

  it('is not held up by the token of another role that has no marks, as nats-operator 0.8 left it', async () => {
    const { client } = operated.kwok;
    const named = { namespace, name: 'other', labels: { nats_cluster: 'nats' } };
    const { metadata: role } = await client.create(natsServiceRoleKind, {
      ...{ apiVersion: 'nats.io/v1beta1', kind: 'NatsServiceRole' },
      metadata: named,
    });
    const ownerReferences = [{ apiVersion: 'nats.io/v1alpha2', kind: 'NatsServiceRole', name: 'other', uid: role.uid }];
    const name = 'other-nats-bound-token';
    // on its way out it gets no marks
    const metadata = { namespace, name, ownerReferences, finalizers: ['example.com/kept'] };
    const data = { token: Buffer.from('of-0.8').toString('base64') };
    const unmarked = { apiVersion: 'v1', kind: 'Secret', metadata, data };
    await client.create(kinds.secret, unmarked);
    await client.delete(kinds.secret, { namespace, name }, {});
    const [before] = await running();
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'other' } };
    await client.create(kinds.serviceAccount, account);
    await eventually(2 * patience, async () => {
      // all have been restarted for its user
      const now = await running();
      expect(now).toHaveLength(1);
      expect(now).not.toContain(before);
      expect((await ready())?.status).toBe('True');
    });
    await handOver('new-beside-other');
    await eventually(3 * patience, async () => {
      expect(await keys()).toEqual(['token']);
    });
    expect((await client.get(kinds.secret, { namespace, name }))?.metadata.labels).toBeUndefined();
  }, 400_000);

  it('leaves it also where the operator ended just after it had told servers to take the new one, and comes back late', async () => {
    const [before] = await running();
    await eventually(patience, async () => {
      expect((await ready())?.status).toBe('True'); // as its status will say for long
    });
    await operated.operator.stop();
    await handOver('newer');
    await operated.restartOperator();
    let lockedOut = 0;
    await eventually(2 * patience, async () => {
      const published = await keys();
      if (!published.includes('previous-token') && (await running()).includes(before)) lockedOut++;
      expect(published).toEqual(['token']);
    });
    expect(lockedOut).toBe(0);
    expect(await running()).not.toContain(before);
  }, 400_000);

  async function secret(): Promise<TokenSecret | undefined> {
    return operated.kwok.client.get<TokenSecret>(kinds.secret, secretKey);
  }

  /** Publishes a token as one that servers are told to take since an hour, beside the one before. */
  async function handOver(token: string): Promise<void> {
    const annotations = Object.fromEntries([issuedAnnotation, takenAnnotation].map((name) => [name, timeAgo(3600)]));
    const data = { token: Buffer.from(token).toString('base64'), 'previous-token': (await secret())?.data?.token };
    await operated.kwok.client.mergePatch(kinds.secret, secretKey, { metadata: { annotations }, data });
  }

  async function keys(): Promise<string[]> {
    return Object.keys((await secret())?.data ?? {}).sort();
  }

  /** What stands for the users that servers started with; of several with the same one. */
  async function running(): Promise<(string | undefined)[]> {
    const pods = (await cluster.pods()).filter(({ metadata }) => !metadata.deletionTimestamp);
    expect(pods).toHaveLength(2);
    return [...new Set(pods.map(({ metadata }) => metadata.annotations?.[secretsAnnotation]))];
  }

  async function ready() {
    return (await cluster.get())?.status?.conditions?.find(({ type }) => type === 'Ready');
  }

  async function pause(value: string | null): Promise<void> {
    const annotations = { [requestAnnotations.paused]: value };
    await operated.kwok.client.mergePatch(natsClusterKind, { namespace, name: 'nats' }, { metadata: { annotations } });
  }

  /** Makes what an annotation of the Secret tells so many seconds old. */
  async function age(annotation: string, seconds: number): Promise<void> {
    const annotations = { [annotation]: timeAgo(seconds) };
    await operated.kwok.client.mergePatch(kinds.secret, secretKey, { metadata: { annotations } });
  }

  /** Waits until the operator has seen a role that is made now, and so all that was before. */
  async function seen(name: string): Promise<void> {
    const role = { apiVersion: 'nats.io/v1beta1', kind: 'NatsServiceRole', metadata: { namespace, name } };
    await operated.kwok.client.create(natsServiceRoleKind, role);
    await eventually(patience, async () => {
      const role = await operated.kwok.client.get(natsServiceRoleKind, { namespace, name });
      expect(role).toMatchObject({ status: { conditions: [{ type: 'Ready' }] } });
    });
  }
});

function timeAgo(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString();
}
