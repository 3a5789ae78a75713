import { randomUUID } from 'node:crypto';
import { keyText, parseKey } from '../kubernetes/object';
import { type Caches } from '../kubernetes/caches';
import { Fenced } from '../kubernetes/api-client';
import { WorkQueue } from '../kubernetes/work-queue';
import { type Log } from '../observability/log';
import { type Metrics } from '../observability/metrics';
import { type Controller } from './controller';

export interface WorkersOptions {
  /** Most keys that are worked on at once. */
  readonly count: number;
  /** A reconcile that takes longer is told to stop and counted as failed. */
  readonly timeoutSeconds: number;
}

/** Runs one controller: its queue is filled by its watches, its workers take keys from there. */
export class Workers {
  private readonly queue: WorkQueue;
  private readonly stopped = new AbortController();
  private running: Promise<unknown> = Promise.resolve();
  /** Since when each key is worked on, in milliseconds of the monotonic clock. */
  private readonly inWork = new Map<string, number>();

  constructor(
    private readonly controller: Controller,
    caches: Caches,
    private readonly log: Log,
    private readonly metrics: Metrics,
    private readonly options: WorkersOptions,
  ) {
    this.queue = new WorkQueue(metrics.queue(controller.name));
    for (const watched of controller.watches) {
      caches.of(watched).subscribe((event) => {
        for (const { key, priority } of watched.keysOf(event)) this.queue.add(keyText(key), priority);
      });
    }
  }

  /** Whether no reconcile hangs: each has ended within twice the time that it may take. */
  get moving(): boolean {
    const oldest = performance.now() - 2 * this.options.timeoutSeconds * 1000;
    return [...this.inWork.values()].every((since) => since > oldest);
  }

  /** Starts the workers; what was queued before waits for them. */
  start(): void {
    this.running = Promise.all(Array.from({ length: this.options.count }, () => this.work()));
  }

  /** Takes no more keys and waits for those in work; those that take longer than that many seconds are cut off. */
  async stop(patienceSeconds: number): Promise<void> {
    this.queue.close();
    const timer = setTimeout(() => {
      this.stopped.abort(new Error('the operator stops'));
    }, patienceSeconds * 1000);
    await this.running;
    clearTimeout(timer);
  }

  private async work(): Promise<void> {
    for (let key = await this.queue.take(); key !== undefined; key = await this.queue.take()) {
      this.inWork.set(key, performance.now());
      await this.reconcile(key);
      this.inWork.delete(key);
      this.queue.done(key);
    }
  }

  private async reconcile(key: string): Promise<void> {
    const { controller } = this;
    const log = this.log.child({ controller: controller.name, key, reconcile: randomUUID() });
    const began = performance.now();
    const outcome = await this.outcomeOf(key);
    const seconds = (performance.now() - began) / 1000;
    if ('error' in outcome) {
      this.metrics.reconciled(controller.name, 'error', seconds);
      // it was not the handler's fault, and whoever leads now does it again
      if (outcome.error instanceof Fenced) log.info({ seconds }, outcome.error.message);
      else log.error({ seconds, err: outcome.error }, 'reconcile failed, it is tried again');
      this.queue.retry(key);
      return;
    }
    this.queue.succeeded(key);
    const { afterMs, priority } = outcome.result;
    this.metrics.reconciled(controller.name, afterMs === undefined ? 'success' : 'requeue_after', seconds);
    log.debug({ seconds, afterMs }, 'reconciled');
    if (afterMs !== undefined) this.queue.addAfter(key, afterMs, priority);
  }

  private async outcomeOf(key: string) {
    const timeout = AbortSignal.timeout(this.options.timeoutSeconds * 1000);
    const signal = AbortSignal.any([timeout, this.stopped.signal]);
    try {
      const result = this.controller.reconcile(parseKey(key), signal, this.queue);
      return { result: await Promise.race([result, rejection(signal)]) };
    } catch (error) {
      if (!timeout.aborted) return { error };
      return {
        error: new Error(`reconcile of ${key} took longer than ${this.options.timeoutSeconds} s and was cut off`),
      };
    }
  }
}

// For a handler that does not listen to its signal: it is left alone, and whatever it still does is fenced as ever.
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
