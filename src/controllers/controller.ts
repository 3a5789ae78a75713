import { type CacheEvent } from '../kubernetes/cache-store';
import { type CacheRequest } from '../kubernetes/caches';
import { type Key } from '../kubernetes/object';
import { type Priority } from '../kubernetes/work-queue';

/** What a reconcile asks for: nothing more, or to be called again after a while. */
export interface Result {
  readonly afterMs?: number;
  readonly priority?: Priority;
}

/** What a reconcile may take into account of what waits beside it. */
export interface Queue {
  /**
   * Whether other keys wait that are not of low priority: then what is not urgent may be left for `whenQuiet`. Not for ever:
   * it is false for a key that was put off for 30 s.
   */
  readonly busy: boolean;
}

/** All is as it should be until something changes. */
export const done: Result = {};

/** To be called again after that many seconds, or when something changes before. */
export function after(seconds: number): Result {
  return { afterMs: seconds * 1000 };
}

/** To be called again when nobody else waits for something more urgent. */
export const whenQuiet: Result = { afterMs: 0, priority: 'low' };

/** A collection whose changes concern a controller. */
export interface Watched extends CacheRequest {
  /** Keys of the objects to reconcile because of a change; called for each change after it is in the cache. */
  keysOf(event: CacheEvent): readonly { readonly key: Key; readonly priority?: Priority }[];
}

/**
 * Brings what a resource asks for and what there is together. It gets keys, not events: whatever was missed or came twice,
 * it looks at the caches and at the world and does what is left to do.
 */
export interface Controller {
  readonly name: string;
  readonly watches: readonly Watched[];
  /** Never runs twice at once for a key. Throws to be called again with backoff. Must end when the signal says so. */
  reconcile(key: Key, signal: AbortSignal, queue: Queue): Promise<Result>;
}
