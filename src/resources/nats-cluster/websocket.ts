import { Duration, Flag, Port } from '../schema/fields';

/** Takes websocket connections: with TLS if `tls.websocketSecret` is set, else plain. */
export class WebsocketConfigSpec {
  /** Port for websockets. On change: rolling restart. */
  @Port() port = 443;

  /** Longest handshake, such as 5s; by default the server's (2s). On change: rolling restart. */
  @Duration() handshakeTimeout?: string;

  /** Compress messages for clients that ask for it. On change: rolling restart. */
  @Flag() compression?: boolean;
}
