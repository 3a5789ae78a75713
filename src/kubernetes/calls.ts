import { setMaxListeners } from 'node:events';
import { type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-error';
import { backoffMs } from './backoff';
import { type Connection } from './connection';

const timeoutSeconds = 30;
const attempts = 5;
const retryBackoff = { firstMs: 100, maxMs: 5_000 };
/** A server that asks for a longer pause is not waited for: the caller's queue does that better. */
const longestPauseSeconds = 10;

export interface ClientOptions {
  /** Ends all calls. */
  readonly signal?: AbortSignal;
  /** Called just before a write leaves; it throws where this process may not write (see `LeaderElection`). */
  readonly fence?: () => void;
  /** Told of every answer, for metrics: `code` is the HTTP status, or `<error>` where none came. */
  readonly onAnswer?: (method: string, code: string) => void;
}

export interface CallOptions {
  /** What is done to which object, for errors. */
  readonly named: string;
  readonly body?: object;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Single calls to the API server. One that fails in passing (429, 5xx, lost connection) is tried again up to 5 times, no
 * sooner than the server asks; every error is an `ApiError`.
 */
export class Calls {
  constructor(
    private readonly connection: Connection,
    private readonly options: ClientOptions,
  ) {
    if (options.signal) setMaxListeners(0, options.signal); // each call that is under way listens
  }

  /** Throws where this process may not write. */
  readonly assertMayWrite = (): void => {
    this.options.fence?.();
  };

  /** As `send`, for what changes something: throws where this process may not write, checked right before each attempt. */
  async write(method: string, path: string, request: CallOptions): Promise<object> {
    this.assertMayWrite();
    return this.send(method, path, request, this.assertMayWrite);
  }

  /** Sends a call and returns the answer, which is an object without `managedFields`. */
  async send(
    method: string,
    path: string,
    { named: call, body, type, headers: more }: CallOptions,
    beforeSend?: () => void,
  ): Promise<object> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    for (let attempt = 1; ; attempt++) {
      try {
        const headers = { ...(text !== undefined && { 'content-type': type ?? 'application/json' }), ...more };
        return await within(timeoutSeconds, this.options.signal, async (signal) => {
          const answer = await this.open(method, path, call, { headers, body: text, signal, beforeSend });
          if (!answer.statusCode || answer.statusCode >= 300) throw await failure(call, answer);
          return trimmed(JSON.parse(await read(call, answer)) as object);
        });
      } catch (error) {
        if (!(error instanceof ApiError) || this.options.signal?.aborted) throw error;
        if (error.status === 401) this.connection.forgetCredentials();
        const again = error.transient || (error.status === 401 && attempt === 1);
        const pause = (error.retryAfter ?? 0) * 1000;
        if (!again || attempt === attempts || pause > longestPauseSeconds * 1000) throw error;
        await sleep(Math.max(pause, backoffMs(retryBackoff, attempt)), undefined, { signal: this.options.signal });
      }
    }
  }

  /** Sends a call once, and returns the answer when it begins. */
  async open(
    method: string,
    path: string,
    call: string,
    request: Pick<Parameters<Connection['send']>[0], 'headers' | 'body' | 'signal' | 'stream' | 'beforeSend'>,
  ): Promise<IncomingMessage> {
    try {
      const answer = await this.connection.send({ method, path, ...request });
      this.options.onAnswer?.(method, String(answer.statusCode));
      return answer;
    } catch (error) {
      if (error instanceof Fenced) throw error;
      this.options.onAnswer?.(method, '<error>');
      throw ApiError.fromNetwork(call, error);
    }
  }
}

/** A write that was held back because this process does not lead any more. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

/**
 * Does the work with a signal that comes after so many seconds, or with the one given. As `AbortSignal.any` and
 * `AbortSignal.timeout` do, which cost a third of a whole call (Node 20).
 */
async function within<T>(
  seconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const abort = () => {
    ending.abort(signal?.reason);
  };
  const timer = setTimeout(() => {
    ending.abort(new Error(`no answer within ${seconds} s`));
  }, seconds * 1000).unref();
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** What an answer that is no success says. */
export async function failure(call: string, answer: IncomingMessage): Promise<ApiError> {
  const body = await read(call, answer);
  return ApiError.fromAnswer(call, answer.statusCode ?? 0, body, answer.headers['retry-after']);
}

async function read(call: string, answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of answer) pieces.push(piece as Buffer);
  } catch (error) {
    throw ApiError.fromNetwork(call, error);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Without `managedFields`: half of an object's size, of no use to us. */
export function trimmed<T extends object>(object: T): T {
  const { metadata } = object as { metadata?: { managedFields?: unknown } };
  if (metadata) delete metadata.managedFields;
  return object;
}
