import { join } from 'node:path';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { projectFolder } from '../../e2e/cluster/project';
import { predecessorCrds } from '../../e2e/testing/predecessor-crds';
import { Api } from './fixtures/api';

/** A resource as 0.8 writes it back: empty values where Go has no other, and its own conditions, types repeated. */
function stored(name: string, spec: object) {
  return {
    apiVersion: 'nats.io/v1alpha2',
    kind: 'NatsCluster',
    metadata: { name },
    spec: { size: 3, version: '', serverImage: '', ...spec },
    status: {
      phase: 'Running',
      reason: '',
      controlPaused: false,
      conditions: [
        {
          type: 'ScalingUp',
          reason: 'Current cluster size: 0, desired cluster size: 1',
          transitionTime: '2020-05-01T10:00:00Z',
        },
        {
          type: 'ScalingUp',
          reason: 'Current cluster size: 1, desired cluster size: 3',
          transitionTime: '2020-05-01T10:00:05Z',
        },
        { type: 'Ready', reason: 'current state matches desired state', transitionTime: '2020-05-01T10:00:15Z' },
      ],
      size: 3,
      currentVersion: '2.1.9',
    },
  };
}

const longName = `nats-${'x'.repeat(53)}`; // with -mgmt, the longest that 0.8 could serve

const cases: [what: string, name: string, spec: object][] = [
  ['a plain cluster', 'plain', {}],
  [
    'one with nulls of Go',
    'nulls',
    { pod: { resources: {} }, template: { metadata: { creationTimestamp: null }, spec: { containers: null } } },
  ],
  ['one with an unknown field', 'unknown', { natsConfig: { colour: 'blue' } }],
  ['one with a version that we refuse', 'nightly', { version: 'nightly' }],
  ['one with a cipher suite that is none', 'cipher', { tls: { serverSecret: 'a', cipherSuites: ['ASDF'] } }],
  ['one whose name is longer than we take', longName, {}],
  ['one without status conditions', 'none', {}],
];

describe('a resource that nats-operator 0.8 stored', () => {
  let controlPlane: TemporaryControlPlane;
  let api: Api;
  const path = (name: string, version = 'v1beta1') =>
    `/apis/nats.io/${version}/namespaces/default/natsclusters/${name}`;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    api = new Api(controlPlane.kubeconfig);
    for (const crd of predecessorCrds) {
      const made = await api.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
      expect(made).toMatchObject({ status: 201 });
    }
    await api.served('/apis/nats.io/v1alpha2/natsclusters');
    for (const [, name, spec] of cases) {
      const resource = stored(name, spec);
      if (name === 'none') Object.assign(resource.status, { conditions: null });
      const answer = await api.call('POST', path('', 'v1alpha2').slice(0, -1), resource);
      expect(answer).toMatchObject({ status: 201 });
    }
    await controlPlane.kubectl('apply', '--server-side=false', '-f', join(projectFolder, 'crd'));
    await api.served('/apis/nats.io/v1beta1/natsclusters');
  }, 180_000);

  afterAll(async () => {
    api.close();
    await controlPlane.remove();
  });

  describe.each(cases)('%s', (_what, name, spec) => {
    it('is read through both versions', async () => {
      for (const version of ['v1beta1', 'v1alpha2']) {
        const { status, body } = await api.call('GET', path(name, version));
        expect(status).toBe(200);
        expect(body).toMatchObject({
          spec: { size: 3, version: (spec as { version?: string }).version ?? '' },
          status: { phase: 'Running', size: 3, currentVersion: '2.1.9' },
        });
      }
    });

    it('takes and loses a finalizer', async () => {
      const added = await api.patch(path(name), { metadata: { finalizers: ['nats.io/test'] } });
      expect(added).toMatchObject({ status: 200 });
      const removed = await api.patch(path(name), { metadata: { finalizers: null } });
      expect(removed).toMatchObject({ status: 200 });
    });

    it('is edited through the version that it was written in', async () => {
      const answer = await api.patch(path(name, 'v1alpha2'), { spec: { size: 5 } });
      expect(answer).toMatchObject({ status: 200, body: { spec: { size: 5 } } });
    });

    it('is scaled', async () => {
      const answer = await api.patch(`${path(name)}/scale`, { spec: { replicas: 1 } });
      expect(answer).toMatchObject({ status: 200, body: { spec: { replicas: 1 }, status: { replicas: 3 } } });
    });

    it('is applied on the server by its user', async () => {
      const theirs = { apiVersion: 'nats.io/v1alpha2', kind: 'NatsCluster', metadata: { name }, spec: { size: 3 } };
      const apply = `${path(name, 'v1alpha2')}?fieldManager=git&force=true`;
      const answer = await api.call('PATCH', apply, theirs, 'application/apply-patch+yaml');
      expect(answer).toMatchObject({ status: 200, body: { spec: { size: 3 } } });
    });

    it('takes a status of ours, applied on the server', async () => {
      const condition = { type: 'Ready', status: 'True', reason: 'AllReady', message: 'all 1 members are ready' };
      const conditions = [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 }];
      const ours = {
        apiVersion: 'nats.io/v1beta1',
        kind: 'NatsCluster',
        status: { phase: 'Running', conditions, readyMembers: 1 },
      };
      const apply = `${path(name)}/status?fieldManager=nats-operator&force=true`;
      const answer = await api.call('PATCH', apply, ours, 'application/apply-patch+yaml');
      expect(answer).toMatchObject({ status: 200 });
      expect(answer.body.status).toMatchObject({ conditions, size: 3, readyMembers: 1 });
    });

    it('takes a status of ours in place of the old one', async () => {
      const { body } = await api.call('GET', path(name));
      const condition = { type: 'Ready', status: 'True', reason: 'AllReady', message: 'all 1 members are ready' };
      const status = { phase: 'Running', conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }] };
      const answer = await api.call('PUT', `${path(name)}/status`, { ...body, status });
      expect(answer).toMatchObject({ status: 200, body: { status } });
    });

    it('is deleted', async () => {
      expect(await api.call('DELETE', path(name))).toMatchObject({ status: 200 });
      expect(await api.call('GET', path(name))).toMatchObject({ status: 404 });
    });
  });
});
