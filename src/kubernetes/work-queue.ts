import { backoffMs, type Backoff } from './backoff';

/** An edit by a user comes before everything else; the first list and resyncs after everything else. */
export type Priority = 'high' | 'normal' | 'low';

const order = ['high', 'normal', 'low'] as const satisfies readonly Priority[];

/** As controller-runtime has it: 5 ms, doubling, up to 5 minutes. */
const failureBackoff: Backoff = { firstMs: 5, maxMs: 5 * 60_000 };

export interface QueueObserver {
  added?(depth: number): void;
  /** Seconds that the key waited since it was due. */
  taken?(waited: number, depth: number): void;
  retried?(): void;
}

/** So long does a key of low priority wait for those of normal priority, in milliseconds. */
const longestWaitMs = 5000;

interface Entry {
  priority: Priority;
  since: number;
}

/**
 * Keys to work on. A key is given to one worker at a time; one that is added while it is worked on comes again after that;
 * the same key twice is one key, with the higher priority (semantics of client-go's workqueue). A key of low priority that
 * has waited for long comes before those of normal priority.
 */
export class WorkQueue {
  private readonly ready = new Map<Priority, Map<string, Entry>>(order.map((priority) => [priority, new Map()]));
  private readonly inWork = new Set<string>();
  private readonly again = new Map<string, Priority>();
  private readonly timers = new Map<string, { timer: NodeJS.Timeout; due: number }>();
  private readonly failures = new Map<string, number>();
  private readonly waiting: ((key: string | undefined) => void)[] = [];
  private closed = false;

  constructor(
    private readonly observer: QueueObserver = {},
    private readonly random = Math.random,
  ) {}

  /** Number of keys that wait for a worker. */
  get depth(): number {
    return order.reduce((sum, priority) => sum + this.keysOf(priority).size, 0);
  }

  /** Adds a key that is due now. */
  add(key: string, priority: Priority = 'normal'): void {
    if (this.closed) return;
    this.cancelTimer(key);
    if (this.inWork.has(key)) {
      const known = this.again.get(key);
      this.again.set(key, known ? higher(known, priority) : priority);
      return;
    }
    let entry: Entry = { priority, since: performance.now() };
    for (const level of order) {
      const known = this.keysOf(level).get(key);
      if (!known) continue;
      if (higher(level, priority) === level) return;
      this.keysOf(level).delete(key);
      entry = { ...known, priority };
    }
    this.keysOf(priority).set(key, entry);
    this.observer.added?.(this.depth);
    this.hand();
  }

  /** Adds a key that is due in a while; the earliest time counts. */
  addAfter(key: string, ms: number, priority: Priority = 'normal'): void {
    if (this.closed) return;
    const due = performance.now() + ms;
    const known = this.timers.get(key);
    if (known && known.due <= due) return;
    this.cancelTimer(key);
    const timer = setTimeout(() => {
      this.timers.delete(key);
      this.add(key, priority);
    }, ms);
    timer.unref();
    this.timers.set(key, { timer, due });
  }

  /** Adds a key again after a failure, each time later; not before `atLeastMs`, as long as that is within 5 minutes. */
  retry(key: string, atLeastMs = 0): void {
    const failures = (this.failures.get(key) ?? 0) + 1;
    this.failures.set(key, failures);
    this.observer.retried?.();
    const wait = Math.max(atLeastMs, backoffMs(failureBackoff, failures, this.random()));
    this.addAfter(key, Math.min(wait, failureBackoff.maxMs));
  }

  /** Forgets the failures of a key. */
  succeeded(key: string): void {
    this.failures.delete(key);
  }

  /** The next key; undefined when the queue is closed. Call `done` when it is worked on. */
  take(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.hand();
    });
  }

  /** Gives a key back. */
  done(key: string): void {
    this.inWork.delete(key);
    const priority = this.again.get(key);
    this.again.delete(key);
    if (priority) this.add(key, priority);
  }

  /** Hands out nothing more and forgets what waits. */
  close(): void {
    this.closed = true;
    for (const { timer } of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    for (const priority of order) this.keysOf(priority).clear();
    this.hand();
  }

  private hand(): void {
    while (this.waiting.length > 0) {
      const next = this.closed ? undefined : this.next();
      if (!next && !this.closed) return;
      if (next) this.inWork.add(next.key);
      const worker = this.waiting.shift();
      if (next) this.observer.taken?.((performance.now() - next.since) / 1000, this.depth);
      worker?.(next?.key);
    }
  }

  /** Whether keys wait that are not of low priority. */
  get busy(): boolean {
    return this.keysOf('high').size + this.keysOf('normal').size > 0;
  }

  private next(): { key: string; since: number } | undefined {
    for (const priority of this.turns()) {
      const keys = this.keysOf(priority);
      for (const [key, { since }] of keys) {
        keys.delete(key);
        return { key, since };
      }
    }
    return undefined;
  }

  /** What a user waits for comes first; then, of the rest, who has waited too long. */
  private turns(): readonly Priority[] {
    const [first] = this.keysOf('low').values();
    const isOverdue = first !== undefined && first.since < performance.now() - longestWaitMs;
    return isOverdue ? ['high', 'low', 'normal'] : order;
  }

  private keysOf(priority: Priority): Map<string, Entry> {
    const keys = this.ready.get(priority);
    if (!keys) throw new Error(`no priority ${priority}`);
    return keys;
  }

  private cancelTimer(key: string): void {
    clearTimeout(this.timers.get(key)?.timer);
    this.timers.delete(key);
  }
}

function higher(a: Priority, b: Priority): Priority {
  return order.indexOf(a) <= order.indexOf(b) ? a : b;
}
