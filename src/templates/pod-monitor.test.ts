import { aCluster } from '../resources/testing/a-cluster';
import { podMonitor } from './pod-monitor';

describe('the PodMonitor', () => {
  it('is not there unless the spec asks for it', () => {
    expect(podMonitor(aCluster())).toBeUndefined();
  });

  it('has the labels by which a Prometheus finds it, and scrapes the named port of each pod', () => {
    const monitoring = { podMonitor: { labels: { release: 'prometheus' }, intervalSeconds: 15 } };
    expect(podMonitor(aCluster({ pod: { enableMetrics: true }, monitoring }))).toMatchObject({
      metadata: { labels: { release: 'prometheus', nats_cluster: 'nats' } },
      spec: {
        selector: { matchLabels: { app: 'nats', nats_cluster: 'nats' } },
        podMetricsEndpoints: [{ port: 'metrics', interval: '15s' }],
      },
    });
  });
});
