import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { type ApiClient } from '../kubernetes/api-client';
import { type StoredObject } from '../kubernetes/object';
import { kinds, type ResourceKind } from '../kubernetes/resource-kind';
import { clientOf } from '../kubernetes/testing/clients';
import { aCluster } from '../resources/testing/a-cluster';
import { clientService } from './client-service';
import { configSecret } from './config-secret';
import { disruptionBudget } from './disruption-budget';
import { renderedConf } from './nats-conf/nats-conf';
import { memberPod } from './pod/pod';
import { routesService } from './routes-service';

describe('what templates render, on a real API server', () => {
  let controlPlane: TemporaryControlPlane;
  let client: ApiClient;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    ({ client } = clientOf(controlPlane.kubeconfig));
    await controlPlane.kubectl('create', 'namespace', 'strict');
    await controlPlane.kubectl('label', 'namespace', 'strict', 'pod-security.kubernetes.io/enforce=restricted');
    await controlPlane.kubectl('wait', '--for=create', 'serviceaccount/default', '-n', 'strict', '--timeout=90s');
  }, 180_000);

  afterAll(() => controlPlane.remove());

  it.each(['1.0.4', '2.10.29', '2.15.2'])('a pod of %s is admitted under the restricted standard', async (version) => {
    const cluster = aCluster({ version, tls: { serverSecret: 's', routesSecret: 'r' } }, { namespace: 'strict' });
    const name = `nats-${version.replaceAll('.', '-')}`;
    const stored = await client.create(kinds.pod, memberPod(cluster, 0, name));
    expect(stored.metadata.name).toBe(name);
  });

  it('services, secret and budget are taken, and taken again without a change', async () => {
    const cluster = aCluster({}, { namespace: 'strict' });
    const budget = disruptionBudget(cluster);
    if (!budget) throw new Error('no budget');
    const objects: [ResourceKind, Parameters<ApiClient['apply']>[1]][] = [
      [kinds.service, clientService(cluster)],
      [kinds.service, routesService(cluster)],
      [kinds.secret, configSecret(cluster, renderedConf(cluster, new Map(), [], 'secret'), { now: 'secret' })],
      [kinds.podDisruptionBudget, budget],
    ];
    for (const [kind, object] of objects) {
      const first = await client.apply(kind, object);
      const second = await client.apply(kind, object);
      expect(ours(second)).toEqual(ours(first));
    }
  });
});

/** An object without its status, which others may write at any time, and with who wrote what how often. */
function ours(object: StoredObject) {
  const { resourceVersion, ...metadata } = object.metadata;
  const written = metadata.generation ?? resourceVersion; // a kind with a status counts changes of its spec
  return { ...object, status: undefined, metadata, written };
}
