import { aCluster } from '../resources/testing/a-cluster';
import { externalAddresses } from './external-addresses';
import { memberPod } from './pod/pod';

const cluster = aCluster({ pod: { advertiseExternalIP: true } });

describe('the secret with external addresses', () => {
  it('is not there unless the spec asks for it', () => {
    expect(externalAddresses(aCluster(), new Map())).toBeUndefined();
  });

  it.each([
    ['192.0.2.1', '"192.0.2.1"'],
    ['2001:db8::1', '"[2001:db8::1]"'],
  ])('has %s as nats.conf reads it', (address, text) => {
    const secret = externalAddresses(cluster, new Map([['nats-abc', address]]));
    expect(Buffer.from(secret?.data['nats-abc'] ?? '', 'base64').toString()).toBe(text);
  });

  it('is waited for by the server of each pod', () => {
    const [server] = memberPod(cluster, 0, 'nats-abc').spec.containers as { env: object[] }[];
    const secret = externalAddresses(cluster, new Map());
    expect(server?.env).toContainEqual({
      name: 'NATS_EXTERNAL_ADDRESS',
      valueFrom: { secretKeyRef: { name: secret?.metadata.name, key: 'nats-abc' } },
    });
  });
});
