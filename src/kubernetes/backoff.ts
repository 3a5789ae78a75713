/** Waiting times that double with each failure, spread by chance so that many who fail together don't return together. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Milliseconds to wait after that many failures in a row (1 or more). `random` is from 0 to 1. */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number, random = Math.random()): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 40));
  return full / 2 + (full / 2) * random;
}
