import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { type Problem } from '../../resources/parse';

/** Servers keep MQTT's sessions in file storage (server/mqtt.go); with JetStream in memory only they never answer a CONNECT. */
export function mqttStorage({ spec: { mqtt, jetstream, config } }: NatsCluster): Problem[] {
  if (!mqtt || !jetstream || jetstream.fileStorage || config?.jetstream !== undefined) return [];
  return [{ field: 'spec.mqtt', message: 'keeps its sessions in files: set spec.jetstream.fileStorage' }];
}
