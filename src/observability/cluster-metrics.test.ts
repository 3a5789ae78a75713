import { Registry } from 'prom-client';
import { ClusterMetrics } from './cluster-metrics';

const key = { namespace: 'prod', name: 'orders' };
const jetStream = {
  ...{ healthy: false, hasLeader: true, peersOffline: 1, peersLagging: 2 },
  ...{ streamsWithoutQuorum: 3, streamsLagging: 4 },
};

async function told(use: (metrics: ClusterMetrics) => void): Promise<string[]> {
  const registry = new Registry();
  use(new ClusterMetrics(registry));
  return (await registry.metrics()).split('\n').filter((line) => line.includes('{'));
}

const labels = '{namespace="prod",name="orders"}';

describe('the metrics of a cluster', () => {
  it('are told with its namespace and name', async () => {
    expect(
      await told((metrics) => {
        metrics.saw(key, { size: 3, ready: 2, jetStream });
      }),
    ).toEqual([
      `nats_cluster_size${labels} 3`,
      `nats_cluster_ready_members${labels} 2`,
      `nats_cluster_jetstream_healthy${labels} 0`,
      `nats_cluster_jetstream_meta_leader${labels} 1`,
      `nats_cluster_jetstream_peers_offline${labels} 1`,
      `nats_cluster_jetstream_peers_lagging${labels} 2`,
      `nats_cluster_jetstream_streams_without_quorum${labels} 3`,
      `nats_cluster_jetstream_streams_lagging${labels} 4`,
    ]);
  });

  it('are not told where they do not apply, or are not known any more', async () => {
    const lines = await told((metrics) => {
      metrics.saw(key, { size: 3, ready: 2, jetStream });
      metrics.saw(key, { size: 3, ready: 3, jetStream: { hasLeader: false } });
    });
    expect(lines).toEqual([
      `nats_cluster_size${labels} 3`,
      `nats_cluster_ready_members${labels} 3`,
      `nats_cluster_jetstream_meta_leader${labels} 0`,
    ]);
  });

  it('are forgotten when it goes, and those of others stay', async () => {
    const lines = await told((metrics) => {
      metrics.saw(key, { size: 3, ready: 2, jetStream });
      metrics.saw({ namespace: 'prod', name: 'other' }, { size: 1, ready: 1 });
      metrics.forget(key);
    });
    expect(lines.map((line) => line.replace(/\{.*/, ''))).toEqual(['nats_cluster_size', 'nats_cluster_ready_members']);
    expect(lines.join()).not.toContain('orders');
  });
});
