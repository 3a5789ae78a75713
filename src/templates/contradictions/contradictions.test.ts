import { aCluster } from '../../resources/testing/a-cluster';
import { contradictions } from './contradictions';

const refused = (spec: Record<string, unknown>) => contradictions(aCluster(spec));

function gateways(...list: { name: string; url: string }[]) {
  return { gatewayConfig: { name: 'east', gateways: list } };
}

describe('a gateway to itself', () => {
  const west = { name: 'west', url: 'nats://west:7222' };

  it('is left out by servers, also where it is the only one, as in the example of nats-operator 0.8', () => {
    expect(refused(gateways({ name: 'east', url: 'nats://example.com:32328' }))).toEqual([]);
  });

  it('is as it should be in a list that all clusters share', () => {
    expect(refused(gateways({ name: 'east', url: 'nats://nats-routes:7222' }, west))).toEqual([]);
    expect(refused({ gatewayConfig: {} })).toEqual([]);
  });

  it.each(['nats://nats-routes:7222', 'nats://u:p@nats-routes.default.svc.cluster.local:7222', 'nats.default:7222'])(
    'is refused under another name, by its address %s',
    (url) => {
      expect(refused(gateways({ name: 'west', url }))).toEqual([
        {
          field: 'spec.gatewayConfig.gateways[0]',
          message: 'leads gateway west to this cluster itself, which is east: write the address of west',
        },
      ]);
    },
  );

  it.each(['nats://nats-routes.other.svc:7222', 'nats://nats-routes-2:7222', 'nats://nats.example.com:7222'])(
    'is not %s, which only looks alike',
    (url) => {
      expect(refused(gateways({ name: 'west', url }))).toEqual([]);
    },
  );
});

describe('the name of a super-cluster', () => {
  it.each([
    [{ cluster: { name: 'other' } }, 'spec.config.cluster.name'],
    [{ gateway: { name: 'other' } }, 'spec.config.gateway.name'],
  ])('is refused where free configuration %j makes two of it', (config, field) => {
    expect(refused({ gatewayConfig: { name: 'east' }, config })).toEqual([
      { field, message: expect.stringContaining('spec.gatewayConfig.name') as string },
    ]);
  });

  it('may be free where there is no gateway, or where it is the same', () => {
    expect(refused({ config: { cluster: { name: 'other' } } })).toEqual([]);
    expect(refused({ gatewayConfig: { name: 'east' }, config: { cluster: { name: 'east' } } })).toEqual([]);
  });

  it('has no spaces, which servers refuse', () => {
    expect(refused({ gatewayConfig: { name: 'far east' } })).toEqual([
      { field: 'spec.gatewayConfig.name', message: 'must not have spaces: remove them' },
    ]);
  });
});

describe('a port', () => {
  it.each([
    [{ config: { port: 4223 } }, 'spec.config.port'],
    [{ config: { listen: '0.0.0.0:4223' } }, 'spec.config.listen'],
    [{ config: { monitor_port: 8080 } }, 'spec.config.monitor_port'],
    [{ config: { cluster: { port: 6223 } } }, 'spec.config.cluster'],
    [{ config: { websocket: { port: 9090 } }, websocketConfig: {} }, 'spec.config.websocket'],
    [{ config: { websocket: { port: 7422 } }, leafnodeConfig: {} }, 'spec.config.websocket.port'],
    [{ config: { mqtt: { port: 4222 } } }, 'spec.config.mqtt.port'],
  ])('is refused in %j, with the field', (spec, field) => {
    expect(refused(spec)).toEqual([
      { field, message: expect.stringMatching(/: (remove it|choose another)/) as string },
    ]);
  });

  it('may be written where it is the same, or belongs to what has no field', () => {
    expect(refused({ config: { port: 4222, cluster: { port: 6222 }, websocket: { port: 9090 } } })).toEqual([]);
  });

  it('is refused to another container of the pod', () => {
    const template = {
      spec: {
        containers: [
          { name: 'nats', ports: [{ containerPort: 4222, hostPort: 4222 }] },
          { name: 'proxy', ports: [{ containerPort: 8081 }, { containerPort: 8080 }] },
        ],
      },
    };
    expect(refused({ template })).toEqual([]);
    expect(refused({ template, websocketConfig: {} })).toEqual([
      {
        field: 'spec.template.spec.containers[1].ports[1]',
        message: '8080 is the port of websocket, and the containers of a pod share their ports: choose another',
      },
    ]);
  });
});

describe('leaf nodes of old versions', () => {
  const remote = { url: 'nats://a:7422', urls: ['nats://b:7422'] };

  it('have one URL only', () => {
    expect(refused({ version: '2.0.1', leafnodeConfig: { remotes: [remote] } })).toEqual([
      { field: 'spec.leafnodeConfig.remotes[0].urls', message: expect.stringContaining('2.0.2') as string },
    ]);
    expect(refused({ version: '2.0.2', leafnodeConfig: { remotes: [remote] } })).toEqual([]);
  });
});

describe('MQTT', () => {
  it('needs files for its sessions', () => {
    expect(refused({ mqtt: {}, jetstream: {} })).toEqual([
      { field: 'spec.mqtt', message: 'keeps its sessions in files: set spec.jetstream.fileStorage' },
    ]);
    expect(refused({ mqtt: {}, jetstream: { fileStorage: { size: '1Gi' } } })).toEqual([]);
  });
});
