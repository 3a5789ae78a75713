import { type NatsClusterSpec } from './spec';

/** Ports that every member listens on, whatever the spec says. */
export const fixedPorts = { client: 4222, routes: 6222, monitoring: 8222, metrics: 7777 } as const;

/** Ports of listeners whose section does not name one. */
export const defaultPorts = { gateway: 7222, leafnode: 7422 } as const;

/** Every port that a member listens on, once for each listener. */
export function portsOf({ gatewayConfig, leafnodeConfig, websocketConfig, mqtt }: NatsClusterSpec): number[] {
  return [
    ...Object.values(fixedPorts),
    ...(gatewayConfig ? [gatewayConfig.hostPort ?? defaultPorts.gateway] : []),
    ...(leafnodeConfig ? [leafnodeConfig.hostPort ?? defaultPorts.leafnode] : []),
    ...(websocketConfig ? [websocketConfig.port] : []),
    ...(mqtt ? [mqtt.port] : []),
  ];
}

/** The same list in CEL, over the spec as `self`. */
export const celPorts = `(${[
  `[${Object.values(fixedPorts).join(', ')}]`,
  celPort('gatewayConfig', 'hostPort', defaultPorts.gateway),
  celPort('leafnodeConfig', 'hostPort', defaultPorts.leafnode),
  celPort('websocketConfig', 'port'),
  celPort('mqtt', 'port'),
].join(' + ')})`;

function celPort(section: string, field: string, byDefault?: number): string {
  const port = `self.${section}.${field}`;
  const value = byDefault === undefined ? port : `has(${port}) ? ${port} : ${byDefault}`;
  return `(has(self.${section}) ? [${value}] : [])`;
}
