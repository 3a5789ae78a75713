import { aSecret } from '../testing/a-secret';
import { confOf } from '../testing/conf-of';

describe('MQTT', () => {
  it('is not spoken unless the spec asks for it', () => {
    expect(confOf({})).not.toHaveProperty('mqtt');
  });

  it('has only what the spec says: the rest is the defaults of the server', () => {
    expect(confOf({ jetstream: {}, mqtt: {} }).mqtt).toEqual({ port: 1883 });
    const mqtt = { port: 1884, ackWaitSeconds: 10, maxAckPending: 100, streamReplicas: 3 };
    expect(confOf({ jetstream: {}, mqtt }).mqtt).toEqual({
      port: 1884,
      ack_wait: '10s',
      max_ack_pending: 100,
      stream_replicas: 3,
    });
  });

  it('has TLS from its secret', () => {
    const spec = { jetstream: {}, mqtt: {}, tls: { mqttSecret: 'mqtt' } };
    expect(confOf(spec, new Map([['mqtt', aSecret('ca.crt', 'tls.crt', 'tls.key')]])).mqtt).toMatchObject({
      tls: { ca_file: '/etc/nats-mqtt-tls-certs/ca.crt', cert_file: '/etc/nats-mqtt-tls-certs/tls.crt' },
    });
  });
});
