import { randomUUID } from 'node:crypto';
import { asApiError } from '../kubernetes/api-error';
import { keyText, parseKey } from '../kubernetes/object';
import { type Caches } from '../kubernetes/caches';
import { Fenced } from '../kubernetes/calls';
import { WorkQueue } from '../kubernetes/work-queue';
import { type Log } from '../observability/log';
import { type Metrics } from '../observability/metrics';
import { type Controller, type Queue, type Result } from './controller';

/** So long may work be put off until the queue is quiet: what is not urgent must happen too where it never is. */
const putOffSeconds = 30;

export interface WorkersOptions {
  /** Most keys that are worked on at once. */
  readonly count: number;
  /** A reconcile that takes longer is told to stop and counted as failed. */
  readonly timeoutSeconds: number;
  /** Defaults to 30; tests use less. */
  readonly putOffSeconds?: number;
}

/** A key that is worked on. */
interface Work {
  /** Since when, in milliseconds of the monotonic clock. */
  readonly since: number;
  /** Tells the handler to stop. */
  readonly cut: AbortController;
  /** Whether it was told to because its time is up. */
  isLate: boolean;
}

/** Runs one controller: its queue is filled by its watches, its workers take keys from there. */
export class Workers {
  private readonly queue: WorkQueue;
  private running: Promise<unknown> = Promise.resolve();
  private readonly inWork = new Map<string, Work>();
  /** Since when each key is put off until the queue is quiet. */
  private readonly putOff = new Map<string, number>();

  constructor(
    private readonly controller: Controller,
    caches: Caches,
    private readonly log: Log,
    private readonly metrics: Metrics,
    private readonly options: WorkersOptions,
  ) {
    this.queue = new WorkQueue(metrics.queue(controller.name));
    metrics.workers(controller.name, options.count, () => [...this.inWork.values()].map(secondsOf));
    for (const watched of controller.watches) {
      caches.of(watched).subscribe((event) => {
        for (const { key, priority } of watched.keysOf(event)) this.queue.add(keyText(key), priority);
      });
    }
  }

  /** Whether no reconcile hangs: each ends within twice the time that it may take, by its signal at the latest. */
  get moving(): boolean {
    return [...this.inWork.values()].every((work) => secondsOf(work) < 2 * this.options.timeoutSeconds);
  }

  /** Starts the workers; what was queued before waits for them. */
  start(): void {
    this.running = Promise.all(Array.from({ length: this.options.count }, () => this.work()));
  }

  /**
   * Takes no more keys and waits for those in work; those that take longer than that many seconds are told to stop, and
   * nobody waits for one that does not listen: the process ends, and what it still writes is fenced as ever.
   */
  async stop(patienceSeconds: number): Promise<void> {
    this.queue.close();
    let timer: NodeJS.Timeout | undefined;
    const cutOff = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        for (const { cut } of this.inWork.values()) cut.abort(new Error('the operator stops'));
        resolve();
      }, patienceSeconds * 1000);
    });
    await Promise.race([this.running, cutOff]);
    clearTimeout(timer);
  }

  private async work(): Promise<void> {
    for (let key = await this.queue.take(); key !== undefined; key = await this.queue.take()) {
      const work = { since: performance.now(), cut: new AbortController(), isLate: false };
      this.inWork.set(key, work);
      await this.reconcile(key, work);
      this.inWork.delete(key);
      this.metrics.worked(this.controller.name, secondsOf(work));
      this.queue.done(key);
    }
  }

  /** Returns when the handler has ended, even where that is long after its time: until then nobody else gets its key. */
  private async reconcile(key: string, work: Work): Promise<void> {
    const log = this.log.child({ controller: this.controller.name, key, reconcile: randomUUID() });
    const { timeoutSeconds } = this.options;
    const timer = setTimeout(() => {
      work.isLate = true;
      work.cut.abort(new Error(`reconcile of ${key} takes longer than ${timeoutSeconds} s and is told to stop`));
      this.failed(work, work.cut.signal.reason, log);
    }, timeoutSeconds * 1000).unref();
    const outcome = await this.outcomeOf(key, work.cut.signal);
    clearTimeout(timer);
    if (work.isLate)
      log.warn({ seconds: secondsOf(work) }, 'the reconcile that took too long has ended, it is tried again');
    else if ('error' in outcome) this.failed(work, outcome.error, log);
    else {
      this.succeeded(key, outcome.result, work, log);
      return;
    }
    const wish = 'error' in outcome ? asApiError(outcome.error)?.retryAfter : undefined;
    this.queue.retry(key, (wish ?? 0) * 1000);
  }

  private failed(work: Work, error: unknown, log: Log): void {
    const seconds = secondsOf(work);
    this.metrics.reconciled(this.controller.name, 'error', seconds);
    // it was not the handler's fault, and whoever leads now does it again
    if (error instanceof Fenced) log.info({ seconds }, error.message);
    else log.error({ seconds, err: error }, 'reconcile failed, it is tried again');
  }

  private succeeded(key: string, { afterMs, priority }: Result, work: Work, log: Log): void {
    const seconds = secondsOf(work);
    this.queue.succeeded(key);
    this.metrics.reconciled(this.controller.name, afterMs === undefined ? 'success' : 'requeue_after', seconds);
    log.debug({ seconds, afterMs }, 'reconciled');
    if (afterMs === undefined || priority !== 'low') this.putOff.delete(key);
    else this.putOff.set(key, this.putOff.get(key) ?? work.since);
    if (afterMs !== undefined) this.queue.addAfter(key, afterMs, priority);
  }

  private async outcomeOf(key: string, signal: AbortSignal) {
    try {
      return { result: await this.controller.reconcile(parseKey(key), signal, this.queueFor(key)) };
    } catch (error) {
      return { error };
    }
  }

  /** The queue as the reconcile of a key sees it: not busy where the key was put off for long enough. */
  private queueFor(key: string): Queue {
    const { queue, options } = this;
    const since = this.putOff.get(key) ?? performance.now();
    const patienceMs = (options.putOffSeconds ?? putOffSeconds) * 1000;
    return {
      get busy() {
        return queue.busy && performance.now() < since + patienceMs;
      },
    };
  }
}

function secondsOf({ since }: Work): number {
  return (performance.now() - since) / 1000;
}
