import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { listenersOf, metricsPort, type Audience } from './listeners';
import { clientPort, monitoringPort, networkPolicyName, routesPort, selectorLabels } from './names';
import { owned } from './owned';

/** Labels of the operator's own pods: see `deploy/deployment.yaml`. They may be in any namespace. */
const operator = {
  namespaceSelector: {},
  podSelector: { matchLabels: { 'app.kubernetes.io/name': 'nats-operator' } },
};

/**
 * Who reaches the pods; none where the spec does not ask for it. Members reach each other, the operator reaches clients' and
 * monitoring port, and everybody else what the spec says. What the pods reach is left alone.
 */
export function networkPolicy(cluster: NatsCluster) {
  const { spec } = cluster;
  const { networkPolicy: policy } = spec;
  if (!policy) return undefined;
  const portsFor = (audience: Audience) =>
    listenersOf(spec).flatMap((listener) => (listener.audience === audience ? [listener.port] : []));
  const monitoring = [monitoringPort, ...(spec.pod?.enableMetrics ? [metricsPort] : [])];
  const neighbours = (spec.extraRoutes ?? []).flatMap(({ cluster: name }) => (name ? [membersOf(name)] : []));
  return owned(cluster, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: networkPolicyName(cluster), labels: selectorLabels(cluster) },
    spec: {
      podSelector: { matchLabels: selectorLabels(cluster) },
      policyTypes: ['Ingress'],
      ingress: [
        { from: [membersOf(cluster.metadata.name)] },
        ...allow([operator], [clientPort, monitoringPort]),
        ...allow(neighbours, [routesPort]),
        ...allow(policy.clients ?? everyone, [clientPort, ...portsFor('clients')]),
        ...allow(policy.clusters ?? everyone, portsFor('clusters')),
        ...allow(policy.monitoring ?? [], monitoring),
      ],
    },
  });
}

const everyone = 'everyone';

/** No rule at all for nobody: an empty `from` would mean everyone. */
function allow(peers: readonly object[] | typeof everyone, ports: readonly number[]) {
  if (peers.length === 0 || ports.length === 0) return [];
  const to = ports.map((port) => ({ port, protocol: 'TCP' }));
  return [peers === everyone ? { ports: to } : { from: peers, ports: to }];
}

function membersOf(name: string) {
  return { podSelector: { matchLabels: selectorLabels({ metadata: { name } }) } };
}
