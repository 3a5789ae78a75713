import { type ListPage } from './api-client';
import { ApiError } from './api-error';
import { CacheStore } from './cache-store';
import { Informer } from './informer';
import { type StoredObject } from './object';
import { kinds } from './resource-kind';

function object(name: string): StoredObject {
  const metadata = { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

/** An API server whose collection has these pages, and whose watch goes on without a word. */
function serverOf(pages: readonly (StoredObject[] | ApiError)[]) {
  let call = 0;
  return {
    calls: () => call,
    listPage: (): Promise<ListPage> => {
      const page = pages[call++] ?? [];
      if (page instanceof ApiError) return Promise.reject(page);
      return Promise.resolve({ items: page, resourceVersion: '5', next: call < pages.length ? 'next' : undefined });
    },
    watch: (_kind: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => {
          resolve();
        });
      }),
  };
}

describe('an informer', () => {
  it('keeps an object whole whose shape throws, reports it, and goes on', async () => {
    const store = new CacheStore();
    const troubles: unknown[] = [];
    const shape = (whole: StoredObject): StoredObject => {
      if (whole.metadata.name === 'strange') throw new Error('no such field');
      return { ...whole, kind: 'shaped' };
    };
    const options = { kind: kinds.configMap, shape, onTrouble: (error: unknown) => troubles.push(error) };
    const informer = new Informer(serverOf([[object('a')], [object('strange'), object('b')]]), store, options);
    const stop = new AbortController();
    const running = informer.run(stop.signal);
    await informer.synced;
    stop.abort();
    await running;
    expect(store.list().map(({ kind, metadata: { name } }) => `${name}: ${kind}`)).toEqual([
      'a: shaped',
      'strange: ConfigMap',
      'b: shaped',
    ]);
    expect(troubles).toEqual([new Error('no such field')]);
  });

  it('lists again no sooner than the API server asks', async () => {
    const busy = new ApiError('list', 429, 'TooManyRequests', 'wait', 0.3);
    const backoff = { firstMs: 1, maxMs: 1 };
    const informer = new Informer(serverOf([busy]), new CacheStore(), { kind: kinds.configMap, backoff });
    const stop = new AbortController();
    const began = performance.now();
    const running = informer.run(stop.signal);
    await informer.synced;
    expect(performance.now() - began).toBeGreaterThanOrEqual(299);
    stop.abort();
    await running;
  });
});
