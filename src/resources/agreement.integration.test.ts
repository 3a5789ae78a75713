import * as fc from 'fast-check';
import { join } from 'node:path';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { projectFolder } from '../../e2e/cluster/project';
import { Api } from './fixtures/api';
import { mutatedSpec } from './fixtures/mutations';
import { aCluster } from './fixtures/samples';
import { testSeed } from '../kubernetes/testing/random';
import { parseNatsCluster } from './parse';

describe('API server and operator', () => {
  let controlPlane: TemporaryControlPlane;
  let api: Api;
  const clusters = '/apis/nats.io/v1beta1/namespaces/default/natsclusters';

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    await controlPlane.kubectl('apply', '--server-side=false', '-f', join(projectFolder, 'crd'));
    api = new Api(controlPlane.kubeconfig);
    await api.served(clusters);
  }, 180_000);

  afterAll(async () => {
    api.close();
    await controlPlane.remove();
  });

  it('take and refuse the same specs, whatever is changed in a good one', async () => {
    let refused = 0;
    const runs = 1000;
    await fc.assert(
      fc.asyncProperty(mutatedSpec, async (spec) => {
        const resource = aCluster('mutated', spec);
        const answer = await api.call('POST', `${clusters}?dryRun=All&fieldValidation=Ignore`, resource);
        const { problems } = parseNatsCluster(resource);
        if (problems) refused += 1;
        const accepted = answer.status === 201;
        expect({ accepted, says: answer.body.message, problems }).toMatchObject({ accepted: problems === undefined });
      }),
      { seed: testSeed(), numRuns: runs },
    );
    // a test that only ever saw good ones, or only bad ones, would show nothing
    expect(refused).toBeGreaterThan(runs / 10);
    expect(refused).toBeLessThan((runs * 9) / 10);
  }, 400_000);
});
