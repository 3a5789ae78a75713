import { type AddressInfo } from 'node:net';
import { type Server } from 'node:http';
import { Metrics } from './metrics';
import { serve } from './server';

describe('the server for probes and metrics', () => {
  let server: Server;
  let url: string;
  const metrics = new Metrics();
  const state = { live: true, ready: false };

  beforeAll(async () => {
    server = await serve({ host: '127.0.0.1', port: 0 }, metrics, { live: () => state.live, ready: () => state.ready });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const status = async (path: string) => (await fetch(url + path)).status;

  it('is ready when caches are filled', async () => {
    expect(await status('/readyz')).toBe(503);
    state.ready = true;
    expect(await status('/readyz')).toBe(200);
  });

  it('is live as long as workers move', async () => {
    expect(await status('/healthz')).toBe(200);
    state.live = false;
    expect(await status('/healthz')).toBe(503);
  });

  it('has metrics under the names of controller-runtime and client-go', async () => {
    metrics.reconciled('natscluster', 'error', 0.2);
    metrics.answered('GET', '200');
    metrics.queue('natscluster').added?.(3);
    metrics.leads('nats-operator', true);
    metrics.workers('natscluster', 8, () => [1, 2.5]);
    metrics.worked('natscluster', 0.3);
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const line of [
      'controller_runtime_reconcile_total{controller="natscluster",result="error"} 1',
      'controller_runtime_reconcile_errors_total{controller="natscluster"} 1',
      'controller_runtime_reconcile_time_seconds_count{controller="natscluster"} 1',
      'rest_client_requests_total{method="GET",code="200"} 1',
      'workqueue_depth{name="natscluster"} 3',
      'workqueue_adds_total{name="natscluster"} 1',
      'workqueue_work_duration_seconds_count{name="natscluster"} 1',
      'workqueue_unfinished_work_seconds{name="natscluster"} 3.5',
      'workqueue_longest_running_processor_seconds{name="natscluster"} 2.5',
      'controller_runtime_active_workers{controller="natscluster"} 2',
      'controller_runtime_max_concurrent_reconciles{controller="natscluster"} 8',
      'leader_election_master_status{name="nats-operator"} 1',
    ]) {
      expect(text).toContain(`\n${line}\n`);
    }
  });

  it('says what else there is', async () => {
    const answer = await fetch(`${url}/`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('/metrics');
  });
});
