import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kubeconfig } from '../e2e/cluster/control-plane/kubeconfig';
import { startControlPlane, type TemporaryControlPlane } from '../e2e/cluster/control-plane/temporary';
import { eventually } from '../e2e/cluster/eventually';
import { Kubectl } from '../e2e/cluster/kubectl';
import { projectFolder } from '../e2e/cluster/project';
import { ensureCrd, readCrd } from './kubernetes/crds';
import { clientOf } from './kubernetes/testing/clients';
import { OperatorProcess } from './testing/operator-process';

interface Right {
  kind: string;
  metadata: { name: string; namespace?: string };
}

const served = ['one', 'two'];
/** Who the operator is by deploy/namespaced.yaml. */
const serviceAccount = 'system:serviceaccount:default:nats-operator';

describe('an operator for some namespaces, with the rights of deploy/namespaced.yaml alone', () => {
  let controlPlane: TemporaryControlPlane;
  let kubectl: Kubectl;
  let limited: string;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    kubectl = new Kubectl(controlPlane.kubeconfig);
    const user = await controlPlane.authority.issue({ commonName: serviceAccount });
    limited = join(controlPlane.folder, 'limited.kubeconfig');
    writeFileSync(limited, kubeconfig(controlPlane.url, controlPlane.authority.pair.certificate, user));
    for (const name of [...served, 'three']) {
      await kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    const rights = parseAllDocuments(readFileSync(join(projectFolder, 'deploy', 'namespaced.yaml'), 'utf8'));
    const objects = rights.map((document) => document.toJS() as Right);
    const perNamespace = objects.filter(
      ({ kind, metadata }) => kind.startsWith('Role') && metadata.name === 'nats-operator-clusters',
    );
    await kubectl.apply(
      ...objects.filter((object) => !perNamespace.includes(object)),
      ...served.flatMap((namespace) =>
        perNamespace.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } })),
      ),
    );
  }, 180_000);

  afterAll(() => controlPlane.remove());

  const start = () =>
    OperatorProcess.start({ kubeconfig: limited, args: ['--namespaces=one,two', '--install-crds=false'] });

  it('says who must do what where the CRDs are not installed', async () => {
    const operator = await start();
    expect(await operator.end(30)).toMatchObject({ code: 1 });
    const line = 'error: CRD natsclusters.nats.io is not installed: an administrator runs kubectl apply -f crd/\n';
    expect(operator.errors).toBe(line);
  }, 120_000);

  it('makes clusters there, leaves those elsewhere alone, and is never refused anything', async () => {
    const { client } = clientOf(controlPlane.kubeconfig);
    for (const name of ['natsclusters', 'natsserviceroles']) {
      await ensureCrd(client, readCrd(join(projectFolder, 'crd', `${name}.yaml`)), true);
    }
    for (const namespace of [...served, 'three']) {
      for (const sample of ['cluster.yaml', 'service-role.yaml']) {
        await kubectl.run('apply', '-n', namespace, '-f', join(projectFolder, 'example', sample));
      }
    }
    const operator = await start();
    const pods = async (namespace: string) =>
      (await kubectl.run('get', 'pods', '-n', namespace, '-o', 'name')).split('\n').filter(Boolean);
    await eventually(120, async () => {
      for (const namespace of served) {
        expect(await pods(namespace)).toHaveLength(6);
        const token = ['secret', '-n', namespace, 'nats-user-example-service-accounts-bound-token'];
        expect(await kubectl.get(...token)).toMatchObject({ data: { token: expect.any(String) as string } });
      }
    });
    await kubectl.run('delete', 'nats', '--all', '-n', 'one', '--timeout=90s');
    const answers = [
      ...(await operator.metrics()).matchAll(/^rest_client_requests_total\{.*code="([^"]*)".*\} \d+$/gm),
    ];
    expect(answers.map(([, code]) => code)).toEqual(expect.arrayContaining(['200', '201']));
    expect(answers.map(([, code]) => code)).not.toContain('403');
    expect(await pods('three')).toEqual([]);
    operator.signal('SIGTERM');
    expect(await operator.end(30)).toMatchObject({ code: 0 });
    expect(operator.errors).toBe('');
  }, 300_000);
});
