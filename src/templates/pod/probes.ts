import { has } from '../../nats/capabilities';
import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { monitoringPort } from '../names';

/** When a server counts as started, as ready, and as dead. */
export function probes({ version, tls, jetstream }: NatsClusterSpec) {
  const scheme = tls?.enableHttps ? 'HTTPS' : 'HTTP';
  const get = (path: string) => ({ httpGet: { path, port: monitoringPort, scheme }, timeoutSeconds: 5 });
  const health = jetstream ? healthOfServer(version) : has(version, 'healthz') ? '/healthz' : '/';
  return {
    // a slow start is not killed: it has five minutes, and ten where it may have to read streams
    startupProbe: { ...get(health), periodSeconds: 1, failureThreshold: jetstream ? 600 : 300 },
    readinessProbe: { ...get(health), periodSeconds: 5, failureThreshold: 2 },
    // only whether the server answers at all: what it says of peers or streams is no reason to kill it
    livenessProbe: { ...get('/'), periodSeconds: 10, failureThreshold: 6 },
  };
}

/**
 * Whether this server takes clients and its JetStream is on, and nothing of peers and streams (nats-server monitor.go,
 * `HandleHealthz`): a majority that is down must not take the others away from their clients and from each other. How its
 * replicas are is for the gates of a roll to judge.
 */
function healthOfServer(version: string): string {
  if (has(version, 'healthzOfServer')) return '/healthz?js-enabled-only=true';
  return '/';
}
