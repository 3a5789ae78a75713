import { type KubeConfig } from '@kubernetes/client-node';
import { Agent, request, type RequestOptions } from 'node:https';
import { type ClientRequest, type IncomingMessage } from 'node:http';
import { createSecureContext } from 'node:tls';

/** How long credentials are used before their files are read again. client-go takes a minute for tokens. */
const refreshSeconds = 10;

const cure = 'set KUBECONFIG, or run inside a cluster';

/** Most sockets for calls; watches have sockets of their own, as each holds one for minutes. */
const maxSockets = 16;

export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Whether the answer goes on for long. */
  readonly stream?: boolean;
  /** Called just before the request is sent; what it throws is the result. */
  readonly beforeSend?: () => void;
}

/**
 * HTTP to the API server that a kubeconfig names, over connections that are kept. Credentials are read again every 10
 * seconds, so that rotated certificates and tokens are picked up; changed certificates open new connections.
 */
export class Connection {
  private readonly server: URL;
  private credentials?: Credentials;
  private readUntil = 0;

  /** Throws where the kubeconfig names no cluster, or one without TLS. */
  constructor(private readonly kubeConfig: KubeConfig) {
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster) throw new Error(`no current cluster: ${cure}`);
    this.server = new URL(cluster.server);
    // client-node makes http://localhost:8080 up where there is no kubeconfig at all
    if (this.server.protocol !== 'https:') throw new Error(`no TLS at ${this.server.origin}: ${cure}`);
  }

  /** Sends a request; resolves with the head of the answer. Rejects where none comes. */
  async send({
    method,
    path,
    headers,
    body,
    signal,
    stream = false,
    beforeSend,
  }: HttpRequest): Promise<IncomingMessage> {
    const { authorization, calls, streams } = await this.currentCredentials();
    const options: RequestOptions = {
      hostname: this.server.hostname.replace(/^\[|\]$/g, ''), // an IPv6 address
      port: this.server.port || 443,
      method,
      path: this.server.pathname.replace(/\/$/, '') + path,
      headers: {
        accept: 'application/json',
        'user-agent': 'nats-operator',
        ...(authorization && { authorization }),
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
      agent: stream ? streams : calls,
      signal,
    };
    return new Promise((resolve, reject) => {
      const call = request(options);
      call.once('response', resolve);
      call.once('error', reject);
      // Only now is a socket there: a check made earlier could be old when the bytes leave.
      onceConnected(call, () => {
        try {
          beforeSend?.();
          call.end(body);
        } catch (error) {
          call.destroy(error as Error); // nothing was sent; it is what the request ends with
        }
      });
    });
  }

  /** Has the credentials read again before the next request. */
  forgetCredentials(): void {
    this.readUntil = 0;
  }

  /** Closes all connections. */
  close(): void {
    this.credentials?.calls.destroy();
    this.credentials?.streams.destroy();
  }

  private async currentCredentials(): Promise<Credentials> {
    const now = performance.now();
    if (this.credentials && now < this.readUntil) return this.credentials;
    this.readUntil = now + refreshSeconds * 1000;
    let options: RequestOptions;
    try {
      options = await this.readCredentials();
    } catch (error) {
      if (!this.credentials) throw error;
      // files that are just being replaced: the next request looks again
      this.forgetCredentials();
      return this.credentials;
    }
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const tls = { ca, cert, key, rejectUnauthorized, servername };
    const fingerprint = JSON.stringify(tls, (_, value: unknown) => (Buffer.isBuffer(value) ? value.toString() : value));
    const authorization = authorizationOf(options);
    if (this.credentials?.fingerprint === fingerprint) {
      this.credentials.authorization = authorization;
      return this.credentials;
    }
    // running requests end on the old connections, which close when idle
    const previous = this.credentials;
    this.credentials = {
      fingerprint,
      authorization,
      calls: new Agent({ ...tls, keepAlive: true, maxSockets, timeout: 90_000 }),
      streams: new Agent({ ...tls, keepAlive: true }),
    };
    closeIdle(previous?.calls);
    return this.credentials;
  }

  /** Throws where a file is missing, or where certificate and key are not of one pair. */
  private async readCredentials(): Promise<RequestOptions> {
    const options: RequestOptions = { headers: {} };
    await this.kubeConfig.applyToHTTPSOptions(options);
    const { ca, cert, key } = options;
    createSecureContext({ ca, cert, key });
    return options;
  }
}

interface Credentials {
  readonly fingerprint: string;
  authorization: string | undefined;
  readonly calls: Agent;
  readonly streams: Agent;
}

function onceConnected(call: ClientRequest, then: () => void): void {
  call.once('socket', (socket) => {
    if (socket.connecting) socket.once('secureConnect', then);
    else then();
  });
}

function closeIdle(agent: Agent | undefined): void {
  for (const sockets of Object.values(agent?.freeSockets ?? {})) for (const socket of sockets ?? []) socket.destroy();
}

function authorizationOf({ headers, auth }: RequestOptions): string | undefined {
  if (auth) return `Basic ${Buffer.from(auth).toString('base64')}`;
  const value = (headers as Record<string, string> | undefined)?.Authorization;
  return value?.trim();
}
