/** What the API server says with an error: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export interface ApiStatus {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number; readonly causes?: readonly { readonly reason?: string }[] };
}

/** A call that the API server refused, or that did not reach it. Its message names the object and never holds a body. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** What was asked, such as `patch Pod default/nats-abc`. */
    readonly call: string,
    /** HTTP status, or 0 where no answer came. */
    readonly status: number,
    /** One word of the API server, such as `NotFound`, or of the network, such as `ECONNREFUSED`. */
    readonly reason: string,
    message: string,
    /** Seconds after which the API server wants to be asked again. */
    readonly retryAfter?: number,
    readonly causes: readonly string[] = [],
  ) {
    super(`${call}: ${message}`);
  }

  /** Reads the answer to a call that failed. */
  static fromAnswer(call: string, status: number, body: string, retryAfterHeader?: string): ApiError {
    const { reason, message, details } = parseStatus(body);
    const header = Number(retryAfterHeader);
    const retryAfter = header > 0 ? header : details?.retryAfterSeconds;
    const causes = details?.causes?.flatMap((cause) => cause.reason ?? []) ?? [];
    return new ApiError(call, status, reason ?? `HTTP ${status}`, message ?? `HTTP ${status}`, retryAfter, causes);
  }

  /** Tells of a call that got no answer. */
  static fromNetwork(call: string, error: unknown): ApiError {
    const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'NetworkError';
    return new ApiError(call, 0, code, error instanceof Error ? error.message : String(error));
  }

  get notFound(): boolean {
    return this.status === 404;
  }

  /** Who asks has not the right to. */
  get forbidden(): boolean {
    return this.status === 403;
  }

  /** Somebody else wrote in between, or an object of that name exists already. */
  get conflict(): boolean {
    return this.status === 409;
  }

  /** The resource version that was asked for is no longer known, or not yet: the collection must be listed anew. */
  get expired(): boolean {
    return this.status === 410 || this.reason === 'Expired' || this.causes.includes('ResourceVersionTooLarge');
  }

  /** Whether the same call may succeed a moment later. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The error as an `ApiError` where it is one. */
export function asApiError(error: unknown): ApiError | undefined {
  return error instanceof ApiError ? error : undefined;
}

function parseStatus(body: string): ApiStatus {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {}; // a proxy in between answers in its own words
  }
}
