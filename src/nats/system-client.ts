import { connect, errors, type NatsConnection } from '@nats-io/transport-node';
import { type Request } from './commands';
import { spokenError } from './spoken-error';
import { asUserOf } from './credentials';

const clientPort = 4222;
const connectSeconds = 3;
const answerSeconds = 5;

/** Where a server takes clients, and as whom the operator comes. */
export interface SystemAddress {
  /** IP address of the pod. */
  readonly ip: string;
  readonly port?: number;
  readonly access: SystemAccess;
}

/** How the operator gets into the system account. Secret: it goes to servers and nowhere else. */
export interface SystemAccess {
  /** Tried in this order: a server that has not loaded a new one yet still knows the one before. */
  readonly credentials: readonly Credentials[];
  /** Speak TLS. The certificate must be signed by this authority (PEM); without one by an authority that this machine trusts. */
  readonly tls?: {
    readonly authority?: string;
    /** Shown to servers that ask clients for a certificate. */
    readonly certificate?: string;
    readonly key?: string;
  };
}

export type Credentials =
  | { readonly user: string; readonly password: string }
  /** Content of a .creds file: JWT and seed. */
  | { readonly creds: string };

/**
 * Why a request was not granted:
 * - `refused`: the server understood it and says no, in its own words;
 * - `unknown-user`: the server does not take the credentials;
 * - `locked-out`: the server and the operator do not take each other's certificate;
 * - `unreachable`: no connection, or no answer.
 */
export const denials = ['refused', 'unknown-user', 'locked-out', 'unreachable'] as const;
export type Denial = (typeof denials)[number];

/** A request was not granted. The message says why, in words that stay the same while the reason does; no secret is in it. */
export class SystemError extends Error {
  override readonly name = 'SystemError';

  constructor(
    readonly denial: Denial,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Sends a request as the operator's user in the system account and returns the server's answer. It is undefined where the
 * server ended the connection instead: that is how it answers a reload that renews our own password. Throws a `SystemError`,
 * or what `beforeSend` throws, which is called when the connection is there, right before the request leaves.
 */
export async function ask(address: SystemAddress, request: Request, beforeSend?: () => void): Promise<unknown> {
  const connection = await enter(address);
  try {
    beforeSend?.();
    return await answerTo(request, connection, address);
  } finally {
    await connection.close();
  }
}

async function answerTo(
  { subject, payload }: Request,
  connection: NatsConnection,
  address: SystemAddress,
): Promise<unknown> {
  try {
    const message = await connection.request(subject, payload, { timeout: answerSeconds * 1000 });
    return granted(message.json());
  } catch (error) {
    if (error instanceof SystemError) throw error;
    if (/connection closed/i.test(reasonOf(error))) return undefined;
    throw new SystemError('unreachable', `${placeOf(address)} does not answer: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * `server_tags` of the config that a server has loaded. On the monitoring port servers before 2.12 show those that they
 * started with (server/monitor.go, updateVarzConfigReloadableFields). Throws a `SystemError`.
 */
export async function readTags(address: SystemAddress, serverId: string): Promise<readonly unknown[]> {
  const answer = await ask(address, { subject: `$SYS.REQ.SERVER.${serverId}.VARZ`, payload: '' });
  const { data } = (answer ?? {}) as { data?: { tags?: unknown } };
  return Array.isArray(data?.tags) ? (data.tags as unknown[]) : [];
}

async function enter(address: SystemAddress): Promise<NatsConnection> {
  let failure: SystemError | undefined;
  for (const credentials of address.access.credentials) {
    try {
      return await connectAs(address, credentials);
    } catch (error) {
      failure = whyOutside(address, error);
    }
    if (failure.denial === 'unreachable' && address.access.tls) {
      // it may wait for the client's handshake before it says anything (`handshake_first`)
      try {
        return await connectAs(address, credentials, 'handshake first');
      } catch (error) {
        const second = whyOutside(address, error);
        if (second.denial === 'locked-out') failure = second;
      }
    }
    if (failure.denial === 'unreachable') throw await inItsWords(address, failure);
  }
  throw failure ?? new SystemError('unknown-user', 'the operator has no credentials of the system account');
}

function connectAs(
  { ip, port = clientPort, access: { tls } }: SystemAddress,
  credentials: Credentials,
  order?: 'handshake first',
) {
  // passed on to tls.connect as it is; the certificate names services, not the address of a pod: the API server vouches for that
  const options = { ca: tls?.authority, cert: tls?.certificate, key: tls?.key, checkServerIdentity: () => undefined };
  return connect({
    servers: `${ip.includes(':') ? `[${ip}]` : ip}:${port}`,
    name: 'nats-operator',
    ...('creds' in credentials
      ? { authenticator: asUserOf(credentials.creds) }
      : { user: credentials.user, pass: credentials.password }),
    ...(tls && { tls: { ...options, handshakeFirst: order === 'handshake first' } }),
    timeout: connectSeconds * 1000,
    reconnect: false,
    ignoreClusterUpdates: true,
    resolve: false,
  });
}

/** The failure with what the server itself says of it, where it does. */
async function inItsWords(address: SystemAddress, failure: SystemError): Promise<SystemError> {
  const words = await spokenError(address.ip, address.port ?? clientPort);
  if (words === undefined) return failure;
  return new SystemError('unreachable', `${placeOf(address)} can't be reached: ${words}`, { cause: failure });
}

/** OpenSSL's and Go's ways to say that a certificate is not taken. */
const certificateTrouble = /certificate|self[- ]signed|unable to verify|alert/i;

function whyOutside(address: SystemAddress, error: unknown): SystemError {
  const place = placeOf(address);
  // a server or an operator that was too slow: the library takes it for a refusal
  if (/authentication timeout/i.test(reasonOf(error))) {
    return new SystemError('unreachable', `${place} can't be reached: ${reasonOf(error)}`, { cause: error });
  }
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    return new SystemError('unknown-user', `${place} does not know the operator's user: ${error.message}`, {
      cause: error,
    });
  }
  const reason = reasonOf(error);
  if (/does not support 'tls'/.test(reason))
    return new SystemError('locked-out', `${place} does not speak TLS yet: ${reason}`, { cause: error });
  return certificateTrouble.test(reason)
    ? new SystemError('locked-out', `${place} and the operator do not take each other's certificate: ${reason}`, {
        cause: error,
      })
    : new SystemError('unreachable', `${place} can't be reached: ${reason}`, { cause: error });
}

/** Both shapes of answers (ServerAPIResponse and ApiResponse) tell of an error in the same place. */
function granted(answer: unknown): unknown {
  const { error } = (answer ?? {}) as { error?: { description?: unknown } };
  if (!error) return answer;
  throw new SystemError(
    'refused',
    withoutValues(typeof error.description === 'string' ? error.description : 'it does not say why'),
  );
}

/** What differs is printed in full by some servers (reload.go, diffOptions), passwords included: only the name is kept. */
function withoutValues(words: string): string {
  return words.replace(/:? old=.*$/s, '').trim();
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code && !/^ERR_/.test(code) && !message.includes(code) ? `${message} (${code})` : message;
}

function placeOf({ ip, port = clientPort }: SystemAddress): string {
  return `${ip}:${port}`;
}
