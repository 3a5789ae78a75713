import { Flag, FractionalSeconds, SecretFile, SecretName, Texts } from '../schema/fields';
import { Needs } from '../schema/combinations';

/**
 * Certificates of each listener, from Secrets with `ca.pem`, a certificate and a key, or with the keys of a
 * kubernetes.io/tls Secret (`ca.crt`, `tls.crt`, `tls.key`). A renewed certificate is reloaded, or comes with a rolling
 * restart where servers can't be asked to reload; other names restart.
 */
@Needs('verify', ['serverSecret'], 'without TLS for clients nothing is verified')
@Needs('enableHttps', ['serverSecret'], 'monitoring serves the certificate of the client connections')
export class TlsSpec {
  /** Secret for client connections: `ca.pem`, `server.pem`, `server-key.pem`. On change: rolling restart. */
  @SecretName() serverSecret?: string;

  /** File of the authority in `serverSecret`, by default `ca.pem`. On change: rolling restart. */
  @SecretFile() serverSecretCAFileName?: string;

  /** File of the key in `serverSecret`, by default `server-key.pem`. On change: rolling restart. */
  @SecretFile() serverSecretKeyFileName?: string;

  /** File of the certificate in `serverSecret`, by default `server.pem`. On change: rolling restart. */
  @SecretFile() serverSecretCertFileName?: string;

  /** Secret for the routes between members: `ca.pem`, `route.pem`, `route-key.pem`. With JetStream it is switched on or off only when all members restart at once, as condition ConfigValid then says. On change: rolling restart. */
  @SecretName() routesSecret?: string;

  /** File of the authority in `routesSecret`, by default `ca.pem`. On change: rolling restart. */
  @SecretFile() routesSecretCAFileName?: string;

  /** File of the key in `routesSecret`, by default `route-key.pem`. On change: rolling restart. */
  @SecretFile() routesSecretKeyFileName?: string;

  /** File of the certificate in `routesSecret`, by default `route.pem`. On change: rolling restart. */
  @SecretFile() routesSecretCertFileName?: string;

  /** Secret for gateway connections: `ca.pem`, `server.pem`, `server-key.pem`. On change: rolling restart. */
  @SecretName() gatewaySecret?: string;

  /** File of the authority in `gatewaySecret`, by default `ca.pem`. On change: rolling restart. */
  @SecretFile() gatewaySecretCAFileName?: string;

  /** File of the key in `gatewaySecret`, by default `server-key.pem`. On change: rolling restart. */
  @SecretFile() gatewaySecretKeyFileName?: string;

  /** File of the certificate in `gatewaySecret`, by default `server.pem`. On change: rolling restart. */
  @SecretFile() gatewaySecretCertFileName?: string;

  /** Secret for leaf node connections: `ca.pem`, `server.pem`, `server-key.pem`. On change: rolling restart. */
  @SecretName() leafnodeSecret?: string;

  /** File of the authority in `leafnodeSecret`, by default `ca.pem`. On change: rolling restart. */
  @SecretFile() leafnodeSecretCAFileName?: string;

  /** File of the key in `leafnodeSecret`, by default `server-key.pem`. On change: rolling restart. */
  @SecretFile() leafnodeSecretKeyFileName?: string;

  /** File of the certificate in `leafnodeSecret`, by default `server.pem`. On change: rolling restart. */
  @SecretFile() leafnodeSecretCertFileName?: string;

  /** Secret for websocket connections: `ca.pem`, `server.pem`, `server-key.pem`. On change: rolling restart. */
  @SecretName() websocketSecret?: string;

  /** File of the authority in `websocketSecret`, by default `ca.pem`. On change: rolling restart. */
  @SecretFile() websocketSecretCAFileName?: string;

  /** File of the key in `websocketSecret`, by default `server-key.pem`. On change: rolling restart. */
  @SecretFile() websocketSecretKeyFileName?: string;

  /** File of the certificate in `websocketSecret`, by default `server.pem`. On change: rolling restart. */
  @SecretFile() websocketSecretCertFileName?: string;

  /** Secret for MQTT connections: `ca.pem`, `server.pem`, `server-key.pem`. On change: rolling restart. */
  @SecretName() mqttSecret?: string;

  /** File of the authority in `mqttSecret`, by default `ca.pem`. On change: rolling restart. */
  @SecretFile() mqttSecretCAFileName?: string;

  /** File of the key in `mqttSecret`, by default `server-key.pem`. On change: rolling restart. */
  @SecretFile() mqttSecretKeyFileName?: string;

  /** File of the certificate in `mqttSecret`, by default `server.pem`. On change: rolling restart. */
  @SecretFile() mqttSecretCertFileName?: string;

  /** Longest TLS handshake of a client in seconds, by default the server's (2). On change: reload. */
  @FractionalSeconds() clientsTLSTimeout?: number;

  /** Longest TLS handshake of a route in seconds, by default the server's (2). On change: reload. */
  @FractionalSeconds() routesTLSTimeout?: number;

  /** Longest TLS handshake of a gateway in seconds, by default the server's (2). On change: rolling restart. */
  @FractionalSeconds() gatewaysTLSTimeout?: number;

  /** Longest TLS handshake of a leaf node in seconds, by default the server's (2). On change: rolling restart. */
  @FractionalSeconds() leafnodesTLSTimeout?: number;

  /** Longest TLS handshake of a websocket in seconds, by default the server's (2). On change: rolling restart. */
  @FractionalSeconds() websocketTLSTimeout?: number;

  /** Serve monitoring on 8222 with HTTPS and the client certificate instead of plain HTTP. On change: rolling restart. */
  @Flag() enableHttps?: boolean;

  /** Ask clients for a certificate and refuse those that the authority did not sign. On change: reload. */
  @Flag() verify?: boolean;

  /** Cipher suites for clients, by their names in Go, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256. On change: reload. */
  @Texts({ max: 64, maxItems: 64, pattern: /^TLS_[A-Z0-9_]+$/, what: 'a cipher suite' }) cipherSuites?: string[];

  /** Curves for clients in order of preference, such as X25519 or CurveP256. On change: reload. */
  @Texts({ max: 64, maxItems: 16, pattern: /^[A-Za-z0-9_]+$/, what: 'a curve' }) curvePreferences?: string[];
}
