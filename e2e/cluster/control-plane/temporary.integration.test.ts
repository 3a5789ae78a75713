import { existsSync } from 'node:fs';
import { eventually } from '../eventually';
import { isAlive } from '../processes/alive';
import { startControlPlane, type TemporaryControlPlane } from './temporary';

describe('a bare control plane', () => {
  let controlPlane: TemporaryControlPlane;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
  }, 180_000);

  afterAll(() => controlPlane.remove());

  it('keeps a ConfigMap', async () => {
    await controlPlane.kubectl('create', 'configmap', 'greeting', '--from-literal=text=hello');
    expect(await controlPlane.kubectl('get', 'configmap', 'greeting', '-o', 'jsonpath={.data.text}')).toBe('hello');
  });

  it('refuses a privileged pod where a namespace asks for the restricted standard', async () => {
    await controlPlane.kubectl('create', 'namespace', 'strict');
    await controlPlane.kubectl('label', 'namespace', 'strict', 'pod-security.kubernetes.io/enforce=restricted');
    // admission hears a moment later of a label, and of the service account that a pod needs
    const attempt = () =>
      controlPlane.kubectl('run', 'root', '--image=any', '--privileged', '-n', 'strict', '--dry-run=server');
    await eventually(60, () => expect(attempt()).rejects.toThrow(/violates PodSecurity "restricted/));
  });

  it('lets a user do only what RBAC allows', async () => {
    const kubeconfig = await controlPlane.kubeconfigFor('somebody');
    const attempt = controlPlane.kubectl(`--kubeconfig=${kubeconfig}`, 'get', 'secrets');
    await expect(attempt).rejects.toThrow(/User "somebody" cannot list resource "secrets"/);
  });

  it('keeps its data when the API server is killed and started again', async () => {
    await controlPlane.kubectl('create', 'configmap', 'lasting');
    const { apiServer } = controlPlane.components;
    await apiServer.stop('SIGKILL');
    await apiServer.start();
    expect(await controlPlane.kubectl('get', 'configmap', 'lasting', '-o', 'name')).toBe('configmap/lasting\n');
  }, 180_000);

  it('leaves no process and no file behind', async () => {
    const second = await startControlPlane();
    const components = Object.values(second.components);
    const pids = components.map((component) => component.pid);
    expect(pids).toEqual([expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)]);
    await second.remove();
    expect(components.filter((component) => component.pid)).toEqual([]);
    expect(pids.filter((pid) => pid && isAlive(pid))).toEqual([]);
    expect(existsSync(second.folder)).toBe(false);
  }, 180_000);
});
