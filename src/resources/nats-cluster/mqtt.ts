import { Count, Port, Seconds } from '../schema/fields';

/** Takes MQTT 3.1.1 connections: with TLS if `tls.mqttSecret` is set, else plain. Needs `jetstream` (2.2.0 and later). */
export class MqttSpec {
  /** Port for MQTT. On change: rolling restart. */
  @Port() port = 1883;

  /** How long to wait for an acknowledgement before a message is sent again, in seconds, by default 30. On change: reload. */
  @Seconds({ min: 1 }) ackWaitSeconds?: number;

  /** Most messages without acknowledgement of one subscription, by default 1024. On change: reload. */
  @Count({ min: 1, max: 65535 }) maxAckPending?: number;

  /** Copies of each of MQTT's own streams, by default 3 where there are as many members. On change: reload. */
  @Count({ min: 1, max: 5 }) streamReplicas?: number;
}
