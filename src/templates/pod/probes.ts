import { has } from '../../nats/capabilities';
import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { monitoringPort } from '../names';

/** When a server counts as started, as ready, and as dead. */
export function probes({ version, tls }: NatsClusterSpec) {
  const scheme = tls?.enableHttps ? 'HTTPS' : 'HTTP';
  const get = (path: string) => ({ httpGet: { path, port: monitoringPort, scheme }, timeoutSeconds: 5 });
  const health = has(version, 'healthz') ? '/healthz' : '/';
  return {
    // a slow start is not killed: it has five minutes
    startupProbe: { ...get(health), periodSeconds: 1, failureThreshold: 300 },
    readinessProbe: { ...get(health), periodSeconds: 5, failureThreshold: 2 },
    // only whether the server answers at all: what it says of peers or streams is no reason to kill it
    livenessProbe: { ...get('/'), periodSeconds: 10, failureThreshold: 6 },
  };
}
