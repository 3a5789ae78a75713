import { CacheStore } from '../cache-store';
import { Informer } from '../informer';
import { kinds } from '../resource-kind';
import { clientOf } from './clients';

/**
 * A process (`node --expose-gc`) that fills a cache with all pods and prints as JSON how many bytes the heap and the whole
 * process grew by, how much that is as JSON text, and whether any object has managedFields. Argument: a kubeconfig file.
 */
async function main(kubeconfig: string): Promise<void> {
  const stop = new AbortController();
  const { client } = clientOf(kubeconfig, { signal: stop.signal });
  await client.list(kinds.service); // what the first call loads is not the cache's
  const used = () => {
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, rss };
  };
  const before = used();
  const store = new CacheStore();
  const informer = new Informer(client, store, { kind: kinds.pod });
  const running = informer.run(stop.signal);
  await informer.synced;
  const after = used();
  const texts = store.list().map((object) => JSON.stringify(object));
  const report = {
    objects: texts.length,
    json: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    heap: after.heap - before.heap,
    rss: after.rss - before.rss,
    managedFields: texts.some((text) => text.includes('"managedFields"')),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  stop.abort();
  await running;
  process.exit();
}

void main(process.argv[2] ?? '');
