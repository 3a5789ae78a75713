import { aSecret } from '../testing/a-secret';
import { confOf } from '../testing/conf-of';

describe('websockets', () => {
  it('are not taken unless the spec asks for it', () => {
    expect(confOf({})).not.toHaveProperty('websocket');
  });

  it('are plain where there is no secret, which servers want to be told', () => {
    expect(confOf({ websocketConfig: {} }).websocket).toEqual({ port: 8080, no_tls: true });
  });

  it('have TLS from their secret, and what else the spec says', () => {
    const spec = {
      websocketConfig: { port: 9090, handshakeTimeout: '5s', compression: true },
      tls: { websocketSecret: 'sockets', websocketTLSTimeout: 2.5 },
    };
    expect(confOf(spec, new Map([['sockets', aSecret('server.pem', 'server-key.pem')]])).websocket).toEqual({
      port: 9090,
      handshake_timeout: '5s',
      compression: true,
      tls: {
        cert_file: '/etc/nats-websocket-tls-certs/server.pem',
        key_file: '/etc/nats-websocket-tls-certs/server-key.pem',
        timeout: 2.5,
      },
    });
  });
});
