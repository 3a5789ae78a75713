import { aCluster } from '../resources/testing/a-cluster';
import { unsupported } from './unsupported';

const refused = (spec: Record<string, unknown>) => unsupported(aCluster(spec));

describe('a version that lacks a feature', () => {
  it.each([
    ['1.4.1', { gatewayConfig: {} }, 'spec.gatewayConfig', '2.0.0'],
    ['1.4.1', { leafnodeConfig: {} }, 'spec.leafnodeConfig', '2.0.0'],
    ['2.1.9', { websocketConfig: {} }, 'spec.websocketConfig', '2.2.0'],
    ['1.0.4', { pod: { advertiseExternalIP: true } }, 'spec.pod.advertiseExternalIP', '1.1.0'],
    ['2.8.2', { mqtt: { streamReplicas: 1 }, jetstream: {} }, 'spec.mqtt.streamReplicas', '2.8.3'],
  ])('%s refuses %j and says which version has it', (version, spec, field, since) => {
    const message = `needs nats-server ${since} or newer, and spec.version is ${version}: remove it or upgrade`;
    expect(refused({ version, ...spec })).toContainEqual({ field, message });
  });

  it.each([
    ['2.0.0', { gatewayConfig: {} }],
    ['2.0.0', { leafnodeConfig: {} }],
    ['2.2.0', { websocketConfig: {} }],
    ['1.1.0', { pod: { advertiseExternalIP: true } }],
  ])('is no longer %s for %j', (version, spec) => {
    expect(refused({ version, ...spec })).toEqual([]);
  });
});
