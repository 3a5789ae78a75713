import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

const usualPort = 8222;
const timeoutSeconds = 2;
/** Bytes. A thousand routes need less than one megabyte, five thousand streams and consumers less than eight. */
const largestAnswer = 8 * 1024 * 1024;

/** Where a server's monitoring port is. */
export interface MonitoringAddress {
  /** IP address of the pod. */
  readonly ip: string;
  /** 8222 unless it is another one. */
  readonly port?: number;
  /** Speak HTTPS. The certificate must be signed by this authority (PEM); without it by one that this machine trusts. */
  readonly tls?: { readonly authority?: string };
}

/** What a server says of itself. */
export interface ServerReport {
  /** Public key that the server gave itself when it started. */
  readonly id: string;
  readonly version: string;
  /** Ids of the servers that it has a route to. */
  readonly routes: ReadonlySet<string>;
  /** `server_tags` of its config, from 2.10 on in lower case. */
  readonly tags: readonly unknown[];
}

/** The monitoring port could not be read. The message says why in words that stay the same while the reason does. */
export class MonitoringError extends Error {
  override readonly name: string = 'MonitoringError';
}

/** The answer is larger than the operator reads. */
export class TooLargeError extends MonitoringError {
  override readonly name = 'TooLargeError';
}

/**
 * Reads `/varz` and `/routez` (nats-server `server/monitor.go`) on port 8222. Throws a `MonitoringError` where that does
 * not work within 2 seconds.
 */
export async function readServer(address: MonitoringAddress): Promise<ServerReport> {
  const [server, routes] = await Promise.all([read(address, '/varz'), read(address, '/routez')]);
  const { server_id: id, version, tags } = server;
  if (typeof id !== 'string' || typeof version !== 'string') {
    throw new MonitoringError(`${urlOf(address, '/varz')} is not the answer of a NATS server`);
  }
  return { id, version, tags: Array.isArray(tags) ? tags : [], routes: new Set(idsOf(routes.routes)) };
}

/** Names of the clusters that gateways join a server to now (`/gatewayz`), listed in its config or not. Throws as `readServer` does. */
export async function readGateways(address: MonitoringAddress): Promise<ReadonlySet<string>> {
  const { outbound_gateways: outbound } = await read(address, '/gatewayz');
  return new Set(Object.keys(outbound ?? {}));
}

/** From 2.10 on there are several routes to each server, one for each connection of a pool. */
function idsOf(routes: unknown): string[] {
  const list: unknown[] = Array.isArray(routes) ? routes : [];
  return list.flatMap((route) => {
    const { remote_id: id } = route as { remote_id?: unknown };
    return typeof id === 'string' ? [id] : [];
  });
}

/**
 * One answer as JSON. Throws a `MonitoringError` where there is none within 2 seconds, and for any status but 200 and those
 * that are an answer too.
 */
export async function read(
  address: MonitoringAddress,
  path: string,
  alsoStatuses: readonly number[] = [],
): Promise<Record<string, unknown>> {
  const url = urlOf(address, path);
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const answer = await get(address, path, signal);
    const body = await bodyOf(answer);
    const { statusCode = 0 } = answer;
    if (statusCode !== 200 && !alsoStatuses.includes(statusCode)) {
      throw new MonitoringError(`${url} answers with status ${statusCode}`);
    }
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch (error) {
    if (error instanceof MonitoringError) throw error;
    if (signal.aborted)
      throw new MonitoringError(`${url} does not answer within ${timeoutSeconds} s`, { cause: error });
    const { code } = error as NodeJS.ErrnoException;
    if (code) throw new MonitoringError(`${url} can't be reached (${code})`, { cause: error });
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new MonitoringError(`${url} does not answer with JSON`);
}

function get(
  { ip, port = usualPort, tls }: MonitoringAddress,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const target = { host: ip, port, path, signal, agent: false as const, headers: { accept: 'application/json' } };
  return new Promise((resolve, reject) => {
    const call = tls
      ? // the certificate names services, not the address of a pod: the API server vouches for that
        httpsRequest({ ...target, ca: tls.authority, checkServerIdentity: () => undefined })
      : httpRequest(target);
    call.once('response', resolve);
    call.once('error', reject);
    call.end();
  });
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > largestAnswer) throw new TooLargeError('the answer is larger than 8 MiB');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function urlOf({ ip, port = usualPort, tls }: MonitoringAddress, path: string): string {
  return `${tls ? 'https' : 'http'}://${ip.includes(':') ? `[${ip}]` : ip}:${port}${path}`;
}
