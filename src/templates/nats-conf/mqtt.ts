import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { mqttTls, type Secrets } from '../secrets';
import { type Block } from './nats-conf';
import { mountFolders, tlsBlock } from './tls';

/** The port for MQTT (server/opts.go, parseMQTT). */
export function mqttBlock({ mqtt, tls: tlsSpec }: NatsClusterSpec, secrets: Secrets): Block | undefined {
  if (!mqtt) return undefined;
  const tls = tlsSpec && mqttTls(tlsSpec);
  return {
    port: mqtt.port,
    ack_wait: mqtt.ackWaitSeconds === undefined ? undefined : `${mqtt.ackWaitSeconds}s`,
    max_ack_pending: mqtt.maxAckPending,
    stream_replicas: mqtt.streamReplicas,
    tls: tls && tlsBlock(mountFolders.mqtt, tls, secrets, {}),
  };
}
