import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, type ListPage, type Selection } from './api-client';
import { asApiError } from './api-error';
import { backoffMs, type Backoff } from './backoff';
import { type CacheEvent, type CacheStore } from './cache-store';
import { type StoredObject } from './object';
import { type ResourceKind } from './resource-kind';

/** Reconnects and relists are never faster than this, whatever the API server answers. */
const defaultBackoff: Backoff = { firstMs: 500, maxMs: 30_000 };
/** A server that asks for a longer pause is not taken at its word. */
const longestWishSeconds = 300;
/** A watch that lasted so long was a good one: the next failure starts from the short waiting times again. */
const goodAfterMs = 10_000;
/** The API server sends a bookmark about every minute; one that sends nothing for so long is gone without a word. */
const silentSeconds = 150;

export interface InformerOptions extends Selection {
  readonly kind: ResourceKind;
  /** What of an object is kept; all of it by default. */
  readonly shape?: (object: StoredObject) => StoredObject;
  /** Defaults to 150; tests use less. */
  readonly silentSeconds?: number;
  /** Pauses between two attempts; tests use shorter ones. */
  readonly backoff?: Backoff;
  /** Told of trouble, which is never the end: the informer tries on. */
  readonly onTrouble?: (error: unknown) => void;
}

/**
 * Keeps a store equal to a collection of the API server: lists it, then watches from there. What was missed while a watch
 * was broken is found by the difference at the next list, deletes too. It never gives up before its signal.
 */
export class Informer {
  private resourceVersion?: string;
  private failures = 0;
  private markSynced!: () => void;

  /** Resolves when the first list is in the store. */
  readonly synced = new Promise<void>((resolve) => (this.markSynced = resolve));

  constructor(
    private readonly client: Pick<ApiClient, 'listPage' | 'watch'>,
    private readonly store: Pick<CacheStore, 'replace' | 'apply'>,
    private readonly options: InformerOptions,
  ) {}

  /** Runs until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const began = performance.now();
      let wishMs = 0;
      try {
        if (this.failures > 0 && this.resourceVersion && (await this.isAhead(this.resourceVersion))) {
          this.resourceVersion = undefined;
        }
        this.resourceVersion ??= await this.list();
        await this.watch(this.resourceVersion, signal);
      } catch (error) {
        // a resource version that the API server does not know: only a list tells what was missed
        const { status = 0, expired = false, retryAfter = 0 } = asApiError(error) ?? {};
        wishMs = Math.min(retryAfter, longestWishSeconds) * 1000;
        if (expired || status === 400 || status === 504) this.resourceVersion = undefined;
        if (!isOver(signal)) this.options.onTrouble?.(error);
      }
      this.failures = performance.now() - began > goodAfterMs ? 1 : this.failures + 1;
      const pause = Math.max(wishMs, backoffMs(this.options.backoff ?? defaultBackoff, this.failures));
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  private async list(): Promise<string> {
    const { kind, namespace, labelSelector, metadataOnly } = this.options;
    const objects: StoredObject[] = [];
    let page: ListPage | undefined;
    do {
      page = await this.client.listPage(kind, { namespace, labelSelector, metadataOnly, next: page?.next });
      for (const item of page.items) objects.push(this.shaped(item)); // at once: all of them whole would be the peak of memory
    } while (page.next);
    this.store.replace(objects, namespace);
    this.markSynced();
    return page.resourceVersion;
  }

  /** What is kept of an object: all of it where its shape can't be told. One strange object must not stop the others. */
  private shaped(object: StoredObject): StoredObject {
    try {
      return this.options.shape?.(object) ?? object;
    } catch (error) {
      this.options.onTrouble?.(error);
      return object;
    }
  }

  /**
   * Whether we know more than the API server: after etcd was restored from a backup. It accepts a watch from its future and
   * then says nothing, so it must be asked. Versions are compared as numbers (KEP-5504).
   */
  private async isAhead(resourceVersion: string): Promise<boolean> {
    const { kind, namespace, labelSelector } = this.options;
    const now = await this.client.listPage(kind, { namespace, labelSelector, metadataOnly: true, limit: 1 });
    return BigInt(now.resourceVersion) < BigInt(resourceVersion);
  }

  private async watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { kind, namespace, labelSelector, metadataOnly } = this.options;
    const options = {
      namespace,
      labelSelector,
      metadataOnly,
      resourceVersion,
      // spread, so that not all watches end together
      timeoutSeconds: Math.round(300 + 300 * Math.random()),
      silentSeconds: this.options.silentSeconds ?? silentSeconds,
      signal,
    };
    await this.client.watch(kind, options, ({ type, object }) => {
      if (type !== 'BOOKMARK') this.store.apply(type as CacheEvent['type'], this.shaped(object));
      this.resourceVersion = object.metadata.resourceVersion;
    });
  }
}

// a function, as it may change during an await, which the type checker does not expect of a property
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
