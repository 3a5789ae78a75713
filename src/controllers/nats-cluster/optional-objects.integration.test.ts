import { eventually } from '../../../e2e/cluster/eventually';
import { type StoredObject } from '../../kubernetes/object';
import { kinds } from '../../kubernetes/resource-kind';
import { operatedKwok } from '../../testing/operated-kwok';
import { externalAddressAnnotation, externalAddressLabel } from './plan/external-addresses';

const version = '2.15.2';
const pod = { enableMetrics: true };
const monitoring = { podMonitor: { labels: { release: 'prometheus' } } };

/** What the Prometheus operator brings, with a schema that takes all. */
const podMonitors = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'podmonitors.monitoring.coreos.com' },
  spec: {
    group: 'monitoring.coreos.com',
    names: { kind: 'PodMonitor', plural: 'podmonitors' },
    scope: 'Namespaced',
    versions: [
      {
        ...{ name: 'v1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

// Each test finds what the one before it left.
describe('objects that only some clusters have', () => {
  const operated = operatedKwok();

  it('are done without where the API server has no kind for them, which a condition says', async () => {
    const cluster = operated.kwok.natsCluster('watched');
    await cluster.create({ size: 1, version, pod, monitoring });
    await eventually(60, async () => {
      expect(await conditionOf('watched', 'Degraded')).toContain('the API server has no kind PodMonitor');
      expect(await conditionOf('watched', 'Ready')).toBe('1 of 1 members are ready');
    });
  }, 180_000);

  it('are made when the kind is there, and go when they are no longer wanted', async () => {
    await operated.kwok.client.create(kinds.customResourceDefinition, podMonitors);
    await eventually(90, async () => {
      expect((await podMonitor())?.metadata.labels).toMatchObject({ release: 'prometheus', nats_cluster: 'watched' });
    });
    await operated.kwok.natsCluster('watched').edit({ monitoring: null });
    await eventually(60, async () => {
      expect(await podMonitor()).toBeUndefined();
    });
    await operated.kwok.natsCluster('watched').settled({ size: 1, version }, 60);
  }, 300_000);

  it('tell pods the external address of their node, once it has one', async () => {
    const cluster = operated.kwok.natsCluster('outside');
    await cluster.create({ size: 1, version, pod: { advertiseExternalIP: true } });
    await eventually(60, async () => {
      expect(await conditionOf('outside', 'Degraded')).toContain(`label the node with ${externalAddressLabel}`);
    });
    const [member] = await cluster.pods();
    const node = { name: member?.spec.nodeName ?? '' };
    await operated.kwok.client.mergePatch(kinds.node, node, {
      metadata: { labels: { [externalAddressLabel]: '192.0.2.1' } },
    });
    await eventually(60, async () => {
      const [told] = await cluster.pods();
      expect(told?.metadata.uid).toBe(member?.metadata.uid);
      expect(told?.metadata.annotations).toHaveProperty([externalAddressAnnotation], '192.0.2.1');
      const secret = await addresses();
      expect(Buffer.from(secret?.data[told?.metadata.name ?? ''] ?? '', 'base64').toString()).toBe('"192.0.2.1"');
    });
    await cluster.edit({ pod: null });
    await eventually(60, async () => {
      expect(await addresses()).toBeUndefined();
    });
  }, 300_000);

  async function conditionOf(name: string, type: string): Promise<string | undefined> {
    const { status } = (await operated.kwok.natsCluster(name).get()) ?? {};
    return status?.conditions?.find((condition) => condition.type === type)?.message;
  }

  function podMonitor(): Promise<StoredObject | undefined> {
    return operated.kwok.client.get(kinds.podMonitor, { namespace: 'default', name: 'watched' });
  }

  function addresses() {
    const key = { namespace: 'default', name: 'outside-external-addresses' };
    return operated.kwok.client.get<StoredObject & { data: Record<string, string> }>(kinds.secret, key);
  }
});
