import { defaultPorts, fixedPorts } from '../resources/nats-cluster/ports';
import { type NatsClusterSpec } from '../resources/nats-cluster/spec';

/** Who connects to a listener. */
export type Audience = 'clients' | 'clusters';

/** A port of the servers that only some clusters open. */
export interface Listener {
  /** Name of the container's port, as nats-operator 0.8 had it. */
  readonly containerPort: string;
  /** Name of the services' port, as nats-operator 0.8 had it. */
  readonly servicePort: string;
  readonly port: number;
  /** Whether it is opened on the node too. */
  readonly onHost: boolean;
  readonly audience: Audience;
}

/** Port of the Prometheus exporter of each pod. */
export const metricsPort = fixedPorts.metrics;

/** Port of the gateway; only where there is one. */
export function gatewayPort({ gatewayConfig }: NatsClusterSpec): number {
  return gatewayConfig?.hostPort ?? defaultPorts.gateway;
}

/** Port for leaf nodes; only where they are taken. */
export function leafnodePort({ leafnodeConfig }: NatsClusterSpec): number {
  return leafnodeConfig?.hostPort ?? defaultPorts.leafnode;
}

/** The listeners that a spec asks for, beside those that every member has. */
export function listenersOf(spec: NatsClusterSpec): Listener[] {
  const { gatewayConfig, leafnodeConfig, websocketConfig, mqtt, pod } = spec;
  // an external address without a port on it helps nobody: 0.8 opened them all the same
  const onHost = (disabled: boolean | undefined) => !disabled || pod?.advertiseExternalIP === true;
  const listener = (containerPort: string, servicePort: string, port: number, host: boolean, audience: Audience) => [
    { containerPort, servicePort, port, onHost: host, audience },
  ];
  return [
    ...(gatewayConfig
      ? listener('gateway', 'gateways', gatewayPort(spec), onHost(pod?.disableGatewaysHostPort), 'clusters')
      : []),
    ...(leafnodeConfig
      ? listener('leaf', 'leafnodes', leafnodePort(spec), onHost(pod?.disableLeafnodesHostPort), 'clusters')
      : []),
    ...(websocketConfig
      ? listener('websocket', 'websocket', websocketConfig.port, onHost(pod?.disableWebsocketsHostPort), 'clients')
      : []),
    ...(mqtt ? listener('mqtt', 'mqtt', mqtt.port, false, 'clients') : []),
  ];
}
