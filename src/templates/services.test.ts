import { aCluster } from '../resources/testing/a-cluster';
import { clientService } from './client-service';
import { routesService } from './routes-service';

interface Port {
  name: string;
  port: number;
}

const everything = {
  ...{ gatewayConfig: {}, leafnodeConfig: {}, websocketConfig: { port: 9090 }, jetstream: {}, mqtt: {} },
  pod: { enableMetrics: true },
};

function ports({ spec }: { spec: { ports: Port[] } }) {
  return spec.ports.map(({ name, port }) => `${name} ${port}`);
}

describe('the client service', () => {
  it('has the port of clients, and no other unless the spec opens one', () => {
    expect(ports(clientService(aCluster()))).toEqual(['tcp-client 4222']);
  });

  it('has all that clients and leaf nodes connect to', () => {
    expect(ports(clientService(aCluster(everything)))).toEqual([
      'tcp-client 4222',
      'leafnodes 7422',
      'websocket 9090',
      'mqtt 1883',
    ]);
  });
});

describe('the headless service', () => {
  it('has the ports of routes and monitoring', () => {
    expect(ports(routesService(aCluster()))).toEqual(['cluster 6222', 'monitoring 8222']);
  });

  it('has every port of a pod but that of clients', () => {
    expect(ports(routesService(aCluster(everything)))).toEqual([
      'cluster 6222',
      'monitoring 8222',
      'metrics 7777',
      'gateways 7222',
      'leafnodes 7422',
      'websocket 9090',
      'mqtt 1883',
    ]);
  });

  it('carries the labels and annotations of its policy, but never others than ours under our labels', () => {
    const managementServicePolicy = { labels: { team: 'a', nats_cluster: 'mine' }, annotations: { note: 'n' } };
    expect(routesService(aCluster({ managementServicePolicy })).metadata).toMatchObject({
      labels: { team: 'a', nats_cluster: 'nats' },
      annotations: { note: 'n' },
    });
  });
});
