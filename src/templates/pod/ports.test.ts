import { aCluster } from '../../resources/testing/a-cluster';
import { memberPod } from './pod';

interface Port {
  name: string;
  containerPort: number;
  hostPort?: number;
}

const listeners = { gatewayConfig: {}, leafnodeConfig: {}, websocketConfig: {}, jetstream: {}, mqtt: {} };

function ports(spec: Record<string, unknown>): string[] {
  const [server] = memberPod(aCluster(spec), 0, 'nats-abc').spec.containers as { ports: Port[] }[];
  return (server?.ports ?? []).map(
    ({ name, containerPort, hostPort }) => `${name} ${containerPort}${hostPort ? ` on ${hostPort}` : ''}`,
  );
}

describe('the ports of a pod', () => {
  it('are those of every member, none of them on the node', () => {
    expect(ports({})).toEqual(['cluster 6222', 'monitoring 8222', 'client 4222']);
  });

  it('are on the node for gateways, leaf nodes and websockets, as nats-operator 0.8 had it', () => {
    expect(ports(listeners).slice(2)).toEqual([
      'client 4222',
      'gateway 7222 on 7222',
      'leaf 7422 on 7422',
      'websocket 8080 on 8080',
      'mqtt 1883',
    ]);
  });

  const disabled = { disableGatewaysHostPort: true, disableLeafnodesHostPort: true, disableWebsocketsHostPort: true };

  it('are on the node or not as the spec says', () => {
    expect(ports({ ...listeners, pod: { ...disabled, enableClientsHostPort: true } }).slice(2)).toEqual([
      'client 4222 on 4222',
      'gateway 7222',
      'leaf 7422',
      'websocket 8080',
      'mqtt 1883',
    ]);
  });

  it('are on the node where its address is told to others', () => {
    expect(ports({ ...listeners, pod: { ...disabled, advertiseExternalIP: true } })).toContain('leaf 7422 on 7422');
  });
});
