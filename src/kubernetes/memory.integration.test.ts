import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { projectFolder } from '../../e2e/cluster/project';
import { aCluster } from '../resources/testing/a-cluster';
import { memberPod } from '../templates/pod/pod';
import { type ApiClient } from './api-client';
import { type NewObject } from './object';
import { kinds } from './resource-kind';
import { clientOf } from './testing/clients';

const pods = 10_000;
const program = join(projectFolder, 'build', 'src', 'kubernetes', 'testing', 'memory-of-informer.js');

describe('a cache of 10,000 pods', () => {
  let controlPlane: TemporaryControlPlane;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    const { client } = clientOf(controlPlane.kubeconfig);
    await controlPlane.kubectl('wait', '--for=create', 'serviceaccount/default', '--timeout=90s'); // pods need it
    const { controllerManager, scheduler } = controlPlane.components;
    await Promise.all([controllerManager.stop(), scheduler.stop()]); // they would look at each pod, too
    const indexes = Array(pods).keys(); // one iterator, from which all take
    await Promise.all(Array.from({ length: 16 }, () => createAll(client, indexes)));
  }, 600_000);

  afterAll(() => controlPlane.remove());

  it('costs what their JSON needs and not several times that, and holds no managedFields', async () => {
    const { stdout } = await promisify(execFile)('node', ['--expose-gc', program, controlPlane.kubeconfig]);
    const report = JSON.parse(stdout) as { objects: number; json: number; heap: number; managedFields: boolean };
    process.stderr.write(stdout);
    expect(report.objects).toBe(pods);
    expect(report.managedFields).toBe(false);
    expect(report.heap).toBeLessThan(2.5 * report.json);
  }, 180_000);

  // the pods of members, which no scheduler looks at here
  function pod(name: string): NewObject {
    const template = { spec: { schedulerName: 'nobody' } };
    const made = memberPod(aCluster({ template }), 0, name) as NewObject;
    const metadata = { ...made.metadata, namespace: 'default', ownerReferences: undefined };
    return { ...made, metadata };
  }

  async function createAll(client: ApiClient, indexes: Iterable<number>): Promise<void> {
    for (const index of indexes) await client.create(kinds.pod, pod(`pod-${index}`));
  }
});
