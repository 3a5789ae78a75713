import { join } from 'node:path';
import { startControlPlane, type TemporaryControlPlane } from '../../../e2e/cluster/control-plane/temporary';
import { eventually } from '../../../e2e/cluster/eventually';
import { projectFolder } from '../../../e2e/cluster/project';
import { type ApiClient } from '../../kubernetes/api-client';
import { type StoredObject } from '../../kubernetes/object';
import { ensureCrd, readCrd } from '../../kubernetes/crds';
import { kinds } from '../../kubernetes/resource-kind';
import { clientOf } from '../../kubernetes/testing/clients';
import { issuedAnnotation } from '../../templates/token-secret';
import { RunningOperator } from '../../testing/running-operator';
import { TestedCluster } from '../../testing/tested-cluster';
import { natsServiceRoleKind } from './kind';
import { type StoredRole, type TokenSecret } from './plan/situation';

const home = 'messaging';
const away = 'team-a';
const secretName = 'app-nats-bound-token';
const patience = 60;

interface ConfUser {
  user: string;
  password: string;
  permissions: unknown;
}

// Each test finds what the one before it left.
describe('a service account with the name of a NatsServiceRole', () => {
  let controlPlane: TemporaryControlPlane;
  let client: ApiClient;
  let operator: RunningOperator;
  let cluster: TestedCluster;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    ({ client } = clientOf(controlPlane.kubeconfig));
    for (const crd of ['natsclusters', 'natsserviceroles']) {
      await ensureCrd(client, readCrd(join(projectFolder, 'crd', `${crd}.yaml`)), true);
    }
    for (const name of [home, away]) await controlPlane.kubectl('create', 'namespace', name);
    operator = await RunningOperator.start(controlPlane);
    cluster = new TestedCluster(client, { namespace: home, name: 'nats' });
  }, 180_000);

  afterAll(async () => {
    await operator.stop();
    await controlPlane.remove();
  }, 180_000);

  it('waits for the cluster, and the role says which one', async () => {
    await addAccount(home);
    await create(natsServiceRoleKind, home, 'app', {
      metadata: { labels: { nats_cluster: 'nats' } },
      spec: { permissions: { publish: ['orders.*'] } },
    });
    await eventually(patience, async () => {
      expect(await readiness()).toEqual([
        'False',
        'NatsCluster nats does not exist in namespace messaging: create it there, or correct label nats_cluster',
      ]);
    });
    expect(await tokenIn(home)).toBeUndefined();
  }, 180_000);

  it('waits for the cluster to take users from service accounts', async () => {
    await cluster.create({ size: 1 });
    await eventually(patience, async () => {
      const [, message] = await readiness();
      expect(message).toBe(
        'NatsCluster nats takes no users from service accounts: set its spec.auth.enableServiceAccounts to true',
      );
    });
  }, 180_000);

  it('has a token that the API server knows and does not take itself, and a user with it', async () => {
    await cluster.edit({ auth: { enableServiceAccounts: true } });
    await eventually(patience, async () => {
      expect(await readiness()).toEqual(['True', '1 service account has its user']);
    });
    const token = (await tokenIn(home)) ?? '';
    expect(await reviewed(token, [`nats://nats.${home}.svc`])).toBe(`system:serviceaccount:${home}:app`);
    expect(await reviewed(token)).toBe('');
    const permissions = { publish: ['orders.*'], subscribe: ['>'] };
    await eventually(patience, async () => {
      expect(await users()).toEqual([
        { user: 'app', password: token, permissions },
        { user: `${home}_app`, password: token, permissions },
      ]);
    });
  }, 180_000);

  it('has one in each namespace, with a name of its own', async () => {
    await addAccount(away);
    await eventually(patience, async () => {
      const token = await tokenIn(away);
      expect(token).toBeDefined();
      const [first, second, third] = await users();
      expect([first?.user, second?.user]).toEqual(['app', `${home}_app`]);
      expect(third).toMatchObject({ user: `${away}_app`, password: token });
    });
    await eventually(patience, async () => {
      const role = await client.get<StoredRole>(natsServiceRoleKind, { namespace: home, name: 'app' });
      expect(
        role?.status?.users?.map(({ namespace, user, alias, secret }) => [namespace, user, alias, secret]),
      ).toEqual([
        [home, `${home}_app`, 'app', secretName],
        [away, `${away}_app`, undefined, secretName],
      ]);
    });
  }, 180_000);

  it('costs no write while nothing changes', async () => {
    await eventually(patience, async () => {
      expect((await readiness())[0]).toBe('True');
    });
    const before = operator.calls.length;
    const touched = { metadata: { labels: { a: 'b' } } };
    await client.mergePatch(kinds.serviceAccount, { namespace: away, name: 'app' }, touched);
    // what comes after it is seen after it
    await create(natsServiceRoleKind, away, 'later', { spec: {} });
    await eventually(patience, async () => {
      const later = await client.get<StoredRole>(natsServiceRoleKind, { namespace: away, name: 'later' });
      expect(later?.status?.conditions).toHaveLength(1);
    });
    const writes = operator.calls
      .slice(before)
      .filter((call) => /^P.*(secrets|serviceaccounts|natsserviceroles\/app)/.test(call));
    expect(writes).toEqual([]);
  }, 180_000);

  it('gets a new token before the old one expires, which stays good until pods have the new one', async () => {
    const old = await tokenIn(home);
    await age(100 * 24 * 3600);
    await eventually(patience, async () => {
      const { data } = await secret(home);
      expect(decoded(data?.token)).not.toBe(old);
      expect(decoded(data?.['previous-token'])).toBe(old);
    });
    expect(new Set((await users()).slice(0, 2).map(({ password }) => password))).toEqual(new Set([old]));
    await age(121);
    await eventually(patience, async () => {
      const { data } = await secret(home);
      expect((await users())[0]?.password).toBe(decoded(data?.token));
      // no server runs here, so none is known to have taken it
      expect(Object.keys(data ?? {}).sort()).toEqual(['previous-token', 'token']);
    });
  }, 180_000);

  it('gets another token where somebody deletes the Secret', async () => {
    const old = await tokenIn(home);
    await client.delete(kinds.secret, { namespace: home, name: secretName }, {});
    await eventually(patience, async () => {
      const token = await tokenIn(home);
      expect(token).toBeDefined();
      expect(token).not.toBe(old);
      expect((await users())[0]?.password).toBe(token);
    });
    expect(await reviewed(old ?? '', [`nats://nats.${home}.svc`])).toBe('');
  }, 180_000);

  it('loses its user and its token when it goes', async () => {
    await client.delete(kinds.serviceAccount, { namespace: home, name: 'app' }, {});
    await eventually(patience, async () => {
      expect(await tokenIn(home)).toBeUndefined();
      expect((await users()).map(({ user }) => user)).toEqual(['app', `${away}_app`]);
    });
  }, 180_000);

  it('loses them when the role goes, in all namespaces', async () => {
    await client.delete(natsServiceRoleKind, { namespace: home, name: 'app' }, {});
    await eventually(patience, async () => {
      expect(await tokenIn(away)).toBeUndefined();
      expect(await users()).toEqual([]);
    });
  }, 180_000);

  it('has its token taken away even where the operator was not there when the role went', async () => {
    const role = { metadata: { labels: { nats_cluster: 'nats' } }, spec: {} };
    await create(natsServiceRoleKind, home, 'app', role);
    await eventually(patience, async () => {
      expect(await tokenIn(away)).toBeDefined();
    });
    await operator.stop();
    await client.delete(natsServiceRoleKind, { namespace: home, name: 'app' }, {});
    operator = await RunningOperator.start(controlPlane);
    await eventually(patience, async () => {
      expect(await tokenIn(away)).toBeUndefined();
    });
  }, 180_000);

  it('is not served over a Secret of somebody else, and the role names the cure', async () => {
    await create(kinds.secret, away, secretName, { stringData: { token: 'mine' } });
    await create(natsServiceRoleKind, home, 'app', { metadata: { labels: { nats_cluster: 'nats' } }, spec: {} });
    await eventually(patience, async () => {
      const [, message] = await readiness();
      expect(message).toBe(
        `Secret ${secretName} in namespace ${away} exists and is not of this role: delete it, or give the role another name`,
      );
    });
    expect(await tokenIn(away)).toBe('mine');
    expect(await users()).toEqual([]);
  }, 180_000);

  async function create(
    kind: typeof natsServiceRoleKind,
    namespace: string,
    name: string,
    rest: object,
  ): Promise<void> {
    const { metadata, ...content } = rest as { metadata?: object };
    const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
    await client.create(kind, { apiVersion, kind: kind.kind, metadata: { ...metadata, namespace, name }, ...content });
  }

  function addAccount(namespace: string): Promise<void> {
    return create(kinds.serviceAccount, namespace, 'app', {});
  }

  async function secret(namespace: string): Promise<TokenSecret> {
    const found = await client.get<TokenSecret>(kinds.secret, { namespace, name: secretName });
    if (!found) throw new Error(`no Secret ${secretName} in ${namespace}`);
    return found;
  }

  async function tokenIn(namespace: string): Promise<string | undefined> {
    const found = await client.get<TokenSecret>(kinds.secret, { namespace, name: secretName });
    return decoded(found?.data?.token);
  }

  /** Makes the token at home so many seconds old. */
  async function age(seconds: number): Promise<void> {
    const annotations = { [issuedAnnotation]: new Date(Date.now() - seconds * 1000).toISOString() };
    await client.mergePatch(kinds.secret, { namespace: home, name: secretName }, { metadata: { annotations } });
  }

  async function readiness(): Promise<(string | undefined)[]> {
    const role = await client.get<StoredRole>(natsServiceRoleKind, { namespace: home, name: 'app' });
    const ready = role?.status?.conditions?.find(({ type }) => type === 'Ready');
    return [ready?.status, ready?.message];
  }

  /** The users in nats.conf, but for the one whom nobody can be: without any user servers admit everyone. */
  async function users(): Promise<ConfUser[]> {
    const config = await client.get<TokenSecret>(kinds.secret, { namespace: home, name: 'nats' });
    const line = (decoded(config?.data?.['nats.conf']) ?? '')
      .split('\n')
      .find((text) => text.startsWith('"authorization"'));
    const { authorization } = JSON.parse(`{${line ?? ''}}`) as { authorization?: { users: ConfUser[] } };
    expect(authorization?.users).not.toEqual([]);
    return authorization?.users.filter(({ user }) => user !== 'nobody') ?? [];
  }

  /** Whom the API server takes the bearer of a token for, where it is meant for these audiences; nobody where it does not. */
  async function reviewed(token: string, audiences?: string[]): Promise<string> {
    const apiVersion = 'authentication.k8s.io/v1';
    const kind = {
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenReview',
      plural: 'tokenreviews',
      namespaced: false,
    };
    const review = { apiVersion, kind: 'TokenReview', metadata: { name: '' }, spec: { token, audiences } };
    const answer = (await client.create(kind, review)) as StoredObject & { status: { user?: { username?: string } } };
    return answer.status.user?.username ?? '';
  }
});

function decoded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString();
}
