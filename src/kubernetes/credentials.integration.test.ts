import { KubeConfig } from '@kubernetes/client-node';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { eventually } from '../../e2e/cluster/eventually';
import { type KeyPair } from '../../e2e/cluster/control-plane/certificates';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { ApiClient } from './api-client';
import { Connection } from './connection';
import { type StoredObject } from './object';
import { kinds, type ResourceKind } from './resource-kind';
import { clientOf } from './testing/clients';

const selfReview: ResourceKind = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  namespaced: false,
};

describe('credentials that are rotated while the operator runs', () => {
  let controlPlane: TemporaryControlPlane;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
  }, 180_000);

  afterAll(() => controlPlane.remove());

  afterEach(() => jest.useRealTimers());

  /** Whom the API server takes us for. */
  async function whoAmI(client: ApiClient): Promise<string | undefined> {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: { name: '' } };
    const { status } = (await client.create(selfReview, review)) as StoredObject & {
      status?: { userInfo: { username: string } };
    };
    return status?.userInfo.username;
  }

  /** A kubeconfig that names files, and what it takes to replace them. */
  async function withCertificateFiles(name: string) {
    const file = (suffix: string) => join(controlPlane.folder, `${name}.${suffix}`);
    const issue = (commonName: string) => controlPlane.authority.issue({ commonName });
    const write = ({ certificate, key }: Partial<KeyPair>) => {
      if (certificate) writeFileSync(file('crt'), certificate);
      if (key) writeFileSync(file('key'), key);
    };
    writeFileSync(file('ca'), controlPlane.authority.pair.certificate);
    write(await issue('before'));
    const cluster = { server: controlPlane.url, 'certificate-authority': file('ca') };
    const user = { 'client-certificate': file('crt'), 'client-key': file('key') };
    writeFileSync(
      file('kubeconfig'),
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'here', cluster }],
        users: [{ name: 'we', user }],
        contexts: [{ name: 'here', context: { cluster: 'here', user: 'we' } }],
        'current-context': 'here',
      }),
    );
    const remove = () => {
      rmSync(file('crt'));
    };
    return { ...clientOf(file('kubeconfig')), issue, write, remove };
  }

  it('are used as soon as their files are read again, and the old ones no more: certificates', async () => {
    const { client, connection, issue, write } = await withCertificateFiles('certificates');
    const asMany = () => Promise.all(Array.from({ length: 40 }, () => whoAmI(client)));
    expect(new Set(await asMany())).toEqual(new Set(['before']));
    write(await issue('after'));
    await eventually(60, async () => {
      expect(await whoAmI(client)).toBe('after');
    });
    expect(new Set(await asMany())).toEqual(new Set(['after'])); // none over a connection from before
    connection.close();
  }, 180_000);

  it('are used by watches that begin after that, too', async () => {
    const { client, connection, issue, write } = await withCertificateFiles('watches');
    const { client: admin } = clientOf(controlPlane.kubeconfig);
    await grantConfigMaps(admin, 'after'); // and to nobody else
    const began: string[] = [];
    const watch = async () => {
      const options = { namespace: 'default', resourceVersion: '0', timeoutSeconds: 1, silentSeconds: 10 };
      await client.watch(kinds.configMap, { ...options, signal: AbortSignal.timeout(10_000) }, ({ type }) => {
        began.push(type);
      });
    };
    await expect(watch()).rejects.toMatchObject({ status: 403 });
    write(await issue('after'));
    connection.forgetCredentials(); // instead of 10 s
    // the API server learns a moment later of a grant, and of kube-root-ca.crt, which is in every namespace
    await eventually(60, async () => {
      await watch();
      expect(began).toContain('ADDED');
    });
    connection.close();
  }, 180_000);

  it('are not used while a file is missing, or only one half of a pair is there', async () => {
    const { client, connection, issue, write, remove } = await withCertificateFiles('half');
    expect(await whoAmI(client)).toBe('before');
    const { certificate, key } = await issue('after');
    remove();
    connection.forgetCredentials();
    expect(await whoAmI(client)).toBe('before');
    write({ certificate });
    expect(await whoAmI(client)).toBe('before');
    write({ key });
    expect(await whoAmI(client)).toBe('after'); // without waiting until they are due again
    connection.close();
  }, 180_000);

  it('are used as soon as their files are read again: the token of a service account', async () => {
    const { client: admin } = clientOf(controlPlane.kubeconfig);
    const folder = join(controlPlane.folder, 'in-cluster');
    const account = join(folder, 'var/run/secrets/kubernetes.io/serviceaccount');
    mkdirSync(account, { recursive: true });
    const rotate = async (name: string) => {
      writeFileSync(join(account, 'token'), await tokenOf(admin, name));
    };
    writeFileSync(join(account, 'ca.crt'), controlPlane.authority.pair.certificate);
    await rotate('before');
    const { hostname, port } = new URL(controlPlane.url);
    const { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = process.env;
    Object.assign(process.env, { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port });
    const config = new KubeConfig();
    config.loadFromCluster(`${folder}/`.replace(/\/$/, ''));
    Object.assign(process.env, { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT });
    const connection = new Connection(config);
    const client = new ApiClient(connection);
    expect(dirname(account)).toContain(folder);
    expect(await whoAmI(client)).toBe('system:serviceaccount:default:before');
    await rotate('after');
    // client-node reads a token again after a minute, as client-go does: that minute passes on the calendar only
    jest.useFakeTimers({ now: Date.now() + 61_000, doNotFake: everythingButDate });
    await eventually(60, async () => {
      expect(await whoAmI(client)).toBe('system:serviceaccount:default:after');
    });
    connection.close();
  }, 180_000);

  async function grantConfigMaps(admin: ApiClient, user: string): Promise<void> {
    const group = 'rbac.authorization.k8s.io';
    const rbac = (kind: string, plural: string): ResourceKind => ({
      ...{ group, version: 'v1', kind, plural, namespaced: true },
    });
    const metadata = { namespace: 'default', name: 'watcher' };
    const role = {
      ...{ apiVersion: `${group}/v1`, kind: 'Role', metadata },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['watch'] }],
    };
    const binding = {
      ...{ apiVersion: `${group}/v1`, kind: 'RoleBinding', metadata },
      roleRef: { apiGroup: group, kind: 'Role', name: metadata.name },
      subjects: [{ apiGroup: group, kind: 'User', name: user }],
    };
    await admin.create(rbac('Role', 'roles'), role);
    await admin.create(rbac('RoleBinding', 'rolebindings'), binding);
  }

  async function tokenOf(admin: ApiClient, name: string): Promise<string> {
    const core = (kind: string, plural: string): ResourceKind => ({
      ...{ group: '', version: 'v1', kind, plural, namespaced: true },
    });
    const account = core('ServiceAccount', 'serviceaccounts');
    await admin.create(account, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace: 'default', name },
    });
    const request = core('TokenRequest', `serviceaccounts/${name}/token`);
    const { status } = (await admin.create(request, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { namespace: 'default', name },
    })) as StoredObject & { status?: { token: string } };
    return status?.token ?? '';
  }
});

const everythingButDate = [
  ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const),
  ...(['setImmediate', 'clearImmediate', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
];
