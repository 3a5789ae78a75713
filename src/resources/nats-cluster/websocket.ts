import { Flag, Port, Seconds } from '../schema/fields';

/** Takes websocket connections: with TLS if `tls.websocketSecret` is set, else plain. */
export class WebsocketConfigSpec {
  /** Port for websockets. On change: rolling restart. */
  @Port() port = 443;

  /** Longest handshake in seconds, by default the server's (2). On change: rolling restart. */
  @Seconds() handshakeTimeout?: number;

  /** Compress messages for clients that ask for it. On change: rolling restart. */
  @Flag() compression?: boolean;
}
