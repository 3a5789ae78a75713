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
    const next = Array.from({ length: pods }, (_, index) => index).values();
    await Promise.all(Array.from({ length: 16 }, () => createAll(client, next)));
  }, 180_000);

  afterAll(() => controlPlane.remove());

  it('costs what their JSON needs and not several times that, and holds no managedFields', async () => {
    const { stdout } = await promisify(execFile)('node', ['--expose-gc', program, controlPlane.kubeconfig]);
    const report = JSON.parse(stdout) as { objects: number; json: number; heap: number; managedFields: boolean };
    process.stderr.write(stdout);
    expect(report.objects).toBe(pods);
    expect(report.managedFields).toBe(false);
    expect(report.heap).toBeLessThan(2.5 * report.json);
  }, 60_000);

  // the pods of members, which no scheduler looks at here
  function pod(name: string) {
    const { spec, ...made } = memberPod(aCluster({}), 0, name);
    const metadata = {
      name,
      namespace: 'default',
      labels: made.metadata.labels,
      annotations: made.metadata.annotations,
    };
    return { ...made, metadata, spec: { ...spec, schedulerName: 'nobody' } };
  }

  async function createAll(client: ApiClient, next: Iterator<number>): Promise<void> {
    for (let { value, done } = next.next(); !done; { value, done } = next.next()) {
      await client.create(kinds.pod, pod(`pod-${String(value)}`));
    }
  }
});
