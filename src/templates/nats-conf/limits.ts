import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { type Block } from './nats-conf';

/** What clients may use of a server. A limit that is absent is the server's own. */
export function limits({ natsConfig }: NatsClusterSpec): Block {
  return {
    write_deadline: natsConfig?.write_deadline,
    max_connections: natsConfig?.maxConnections,
    max_payload: natsConfig?.maxPayload,
    max_pending: natsConfig?.maxPending,
    max_subscriptions: natsConfig?.maxSubscriptions,
    max_control_line: natsConfig?.maxControlLine,
  };
}
