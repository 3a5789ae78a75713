import { join } from 'node:path';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { projectFolder } from '../../e2e/cluster/project';
import { Api } from './fixtures/api';
import { badClusters } from './fixtures/bad';
import { goodClusters } from './fixtures/good';
import { aCluster, type Resource, samples } from './fixtures/samples';
import { parseNatsCluster, parseNatsServiceRole } from './parse';

let controlPlane: TemporaryControlPlane;
let api: Api;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  await controlPlane.kubectl('apply', '--server-side=false', '-f', join(projectFolder, 'crd'));
  api = new Api(controlPlane.kubeconfig);
  for (const plural of ['natsclusters', 'natsserviceroles']) {
    for (const version of ['v1beta1', 'v1alpha2']) await api.served(`/apis/nats.io/${version}/${plural}`);
  }
}, 180_000);

afterAll(async () => {
  api.close();
  await controlPlane.remove();
});

const clusters = (version = 'v1beta1') => `/apis/nats.io/${version}/namespaces/default/natsclusters`;

describe('the API server', () => {
  it('is asked about at least 60 bad and 30 good resources', () => {
    expect(badClusters.length).toBeGreaterThanOrEqual(60);
    expect(goodClusters.length + samples.length).toBeGreaterThanOrEqual(30);
  });

  it.each(badClusters)('refuses $what', async ({ name, before, spec, field, says }) => {
    if (before) {
      const created = await api.call('POST', clusters(), aCluster(name, before));
      expect(created).toMatchObject({ status: 201 });
    }
    const answer = before
      ? await api.patch(`${clusters()}/${name}`, { spec })
      : await api.call('POST', clusters(), aCluster(name, spec));
    await api.call('DELETE', `${clusters()}/${name}`);
    expect(answer).toMatchObject({ status: 422, body: { message: expect.stringMatching(says) as string } });
    expect(answer.body.message).toContain(field);
  });

  it.each(goodClusters)('accepts $what, and gives it back through both versions', async ({ name = 'good', spec }) => {
    await expectKept('natsclusters', aCluster(name, spec));
  });

  it.each(samples)('accepts $resource.kind $resource.metadata.name of $file', async ({ resource }) => {
    await expectKept(`${resource.kind.toLowerCase()}s`, resource);
  });

  it('refuses a field that it does not know', async () => {
    const answer = await api.call('POST', clusters(), aCluster('unknown', { tls: { severSecret: 'a' } }));
    expect(answer).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('spec.tls.severSecret') as string },
    });
  });
});

describe('kubectl', () => {
  const kubectl = (...args: string[]) => controlPlane.kubectl(...args);

  beforeAll(async () => {
    await kubectl('apply', '-f', join(projectFolder, 'example', 'cluster.yaml'));
    const status = {
      phase: 'Running',
      size: 3,
      readyMembers: 2,
      currentVersion: '1.0.4',
      selector: 'nats_cluster=example-nats',
    };
    await api.patch(`${clusters()}/example-nats/status`, { status: { ...status, targetVersion: '2.15.2' } });
  });

  it('lists clusters by the short name, with what a user wants to see', async () => {
    const [header, row] = (await kubectl('get', 'nats')).split('\n').map((line) => line.split(/ +/));
    expect(header).toEqual(['NAME', 'SIZE', 'READY', 'VERSION', 'STATUS', 'AGE']);
    expect(row?.slice(0, 5)).toEqual(['example-nats', '3', '2', '1.0.4', 'Running']);
  });

  it('shows more when asked to', async () => {
    expect(await kubectl('get', 'nats', '-o', 'wide')).toMatch(/AGE +TARGET +URL +REASON\n.* 2\.15\.2 /);
  });

  it('lists clusters among all', async () => {
    expect(await kubectl('get', 'all', '-o', 'name')).toContain('natscluster.nats.io/example-nats');
  });

  it('explains each field', async () => {
    expect(await kubectl('explain', 'natscluster.spec.jetstream')).toMatch(/fileStorage.*\n +Claims for file streams/);
    expect(await kubectl('explain', 'natscluster.spec', '--recursive')).toContain('storageClassName');
  });

  it('scales, and finds the pods to count', async () => {
    await kubectl('scale', 'nats', 'example-nats', '--replicas=5');
    const scale = await api.call('GET', `${clusters()}/example-nats/scale`);
    expect(scale.body).toMatchObject({
      spec: { replicas: 5 },
      status: { replicas: 3, selector: 'nats_cluster=example-nats' },
    });
  });
});

describe('the operator', () => {
  const seenByBoth = badClusters.filter(({ before }) => !before);

  it.each(seenByBoth)('refuses $what, naming the same field', ({ name, spec, field, operatorSays }) => {
    const { problems = [] } = parseNatsCluster(aCluster(name, spec));
    expect(problems.map(({ message }) => message).join()).toMatch(operatorSays);
    expect(problems.map((problem) => problem.field).join()).toContain(field);
  });
});

async function expectKept(plural: string, resource: Resource): Promise<void> {
  const { name } = resource.metadata;
  const path = (version: string) => `/apis/nats.io/${version}/namespaces/default/${plural}`;
  const version = resource.apiVersion.replace('nats.io/', '');
  const created = await api.call('POST', path(version), resource);
  expect(created).toMatchObject({ status: 201 });
  const [v1beta1, v1alpha2] = [
    await api.call('GET', `${path('v1beta1')}/${name}`),
    await api.call('GET', `${path('v1alpha2')}/${name}`),
  ];
  await api.call('DELETE', `${path('v1beta1')}/${name}`);
  expect(v1beta1.body.spec).toMatchObject(resource.spec);
  expect(v1alpha2.body).toEqual({ ...v1beta1.body, apiVersion: 'nats.io/v1alpha2' });
  const read = resource.kind === 'NatsCluster' ? parseNatsCluster : parseNatsServiceRole;
  for (const raw of [resource, v1beta1.body]) {
    expect(read(raw)).toMatchObject({ resource: expect.anything() as object, warnings: [] });
  }
}
