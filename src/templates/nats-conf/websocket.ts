import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { websocketTls, type Secrets } from '../secrets';
import { advertised } from './advertise';
import { type Block } from './nats-conf';
import { mountFolders, tlsBlock } from './tls';

/** The port for websockets. Servers refuse one without TLS unless `no_tls` says that this is meant (server/websocket.go). */
export function websocketBlock(spec: NatsClusterSpec, secrets: Secrets): Block | undefined {
  const { websocketConfig } = spec;
  if (!websocketConfig) return undefined;
  const tls = spec.tls && websocketTls(spec.tls);
  return {
    port: websocketConfig.port,
    advertise: advertised(spec),
    handshake_timeout: websocketConfig.handshakeTimeout,
    compression: websocketConfig.compression || undefined,
    no_tls: !tls || undefined,
    tls: tls && tlsBlock(mountFolders.websocket, tls, secrets, { timeout: spec.tls?.websocketTLSTimeout }),
  };
}
