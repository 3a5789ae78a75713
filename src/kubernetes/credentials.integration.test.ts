import { KubeConfig } from '@kubernetes/client-node';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { eventually } from '../../e2e/cluster/eventually';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { ApiClient } from './api-client';
import { Connection } from './connection';
import { type StoredObject } from './object';
import { type ResourceKind } from './resource-kind';
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
  }, 60_000);

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

  it('are used as soon as their files are read again: certificates', async () => {
    const files = {
      ca: join(controlPlane.folder, 'rotated-ca.crt'),
      certificate: join(controlPlane.folder, 'rotated.crt'),
      key: join(controlPlane.folder, 'rotated.key'),
    };
    const rotate = async (commonName: string) => {
      const { certificate, key } = await controlPlane.authority.issue({ commonName });
      writeFileSync(files.certificate, certificate);
      writeFileSync(files.key, key);
    };
    writeFileSync(files.ca, controlPlane.authority.pair.certificate);
    await rotate('before');
    const kubeconfig = join(controlPlane.folder, 'rotated.kubeconfig');
    const cluster = { server: controlPlane.url, 'certificate-authority': files.ca };
    const user = { 'client-certificate': files.certificate, 'client-key': files.key };
    writeFileSync(
      kubeconfig,
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'here', cluster }],
        users: [{ name: 'we', user }],
        contexts: [{ name: 'here', context: { cluster: 'here', user: 'we' } }],
        'current-context': 'here',
      }),
    );
    const { client, connection } = clientOf(kubeconfig);
    expect(await whoAmI(client)).toBe('before');
    await rotate('after');
    await eventually(15, async () => {
      expect(await whoAmI(client)).toBe('after');
    });
    connection.close();
  }, 60_000);

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
    await eventually(15, async () => {
      expect(await whoAmI(client)).toBe('system:serviceaccount:default:after');
    });
    connection.close();
  }, 60_000);

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
