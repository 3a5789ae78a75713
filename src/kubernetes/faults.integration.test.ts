import { eventually } from '../../e2e/cluster/eventually';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { done, type Controller } from '../controllers/controller';
import { Workers } from '../controllers/workers';
import { createLog } from '../observability/log';
import { Metrics } from '../observability/metrics';
import { type ApiClient } from './api-client';
import { asApiError } from './api-error';
import { Caches } from './caches';
import { type Cache } from './cache-store';
import { keyText, type Key, type StoredObject } from './object';
import { kinds } from './resource-kind';
import { clientOf } from './testing/clients';
import { FaultProxy, type Fault } from './testing/fault-proxy';
import { seeded, testSeed } from './testing/random';

type ConfigMap = StoredObject & { data?: Record<string, string> };

const labelSelector = 'chaos=1';
const objects = 50;
const operations = 2000;
/** Each is a list or watch that was started anew, as the one before broke. */
const fewestRequests = 50;

/** Remembers for each key what it saw when it was called last. */
class Recorder implements Controller {
  readonly name = 'recorder';
  readonly lastSeen = new Map<string, string | undefined>();
  readonly ranTwiceAtOnce: string[] = [];
  private readonly running = new Set<string>();
  readonly watches = [
    {
      kind: kinds.configMap,
      labelSelector,
      keysOf: ({ object }: { object: StoredObject }) => [{ key: object.metadata }],
    },
  ];

  constructor(
    private readonly cache: Cache<ConfigMap>,
    private readonly random: () => number,
  ) {}

  async reconcile(key: Key) {
    const text = keyText(key);
    if (this.running.has(text)) this.ranTwiceAtOnce.push(text);
    this.running.add(text);
    this.lastSeen.set(text, this.cache.get(key)?.data?.value);
    await new Promise((resolve) => setTimeout(resolve, this.random() * 3));
    this.running.delete(text);
    if (this.random() < 0.05) throw new Error('a bug in a handler');
    return done;
  }
}

describe('caches and queues behind an API server that misbehaves', () => {
  let controlPlane: TemporaryControlPlane;
  let direct: ApiClient;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    direct = clientOf(controlPlane.kubeconfig).client;
  }, 180_000);

  afterAll(() => controlPlane.remove());

  // what a test started ends with it, whether it passed or not
  let stop = new AbortController();
  let proxies: FaultProxy[] = [];
  const running: Promise<unknown>[] = [];
  beforeEach(() => {
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(running.splice(0));
    for (const proxy of proxies) proxy.stop();
    proxies = [];
  });

  async function startProxy(): Promise<FaultProxy> {
    const proxy = await FaultProxy.start(controlPlane);
    proxies.push(proxy);
    return proxy;
  }

  it('end with every last state seen, and no key was worked on twice at once', async () => {
    const seed = testSeed();
    process.stderr.write(`SEED=${seed}\n`);
    const random = seeded(seed);
    const proxy = await startProxy();
    const { client } = clientOf(proxy.kubeconfig, { signal: stop.signal });
    // short pauses, so that many faults fit into a short time
    const caches = new Caches(client, [], () => undefined, { firstMs: 5, maxMs: 50 });
    const cache = caches.of<ConfigMap>({ kind: kinds.configMap, labelSelector });
    const recorder = new Recorder(cache, seeded(seed + 1));
    const log = createLog('error', 'json');
    log.level = 'silent'; // the handler throws on purpose
    const workers = new Workers(recorder, caches, log, new Metrics(), { count: 8, timeoutSeconds: 10 });
    proxy.mischief = () => mischief(random);
    workers.start();
    running.push(caches.run(stop.signal));
    const cutting = setInterval(() => {
      if (random() < 0.3) proxy.cutAll();
    }, 100);

    // a quick machine makes all changes before much has gone wrong
    const isEnough = () => proxy.requests.length > fewestRequests;
    for (let operation = 0; operation < operations || !isEnough(); operation++) await change(random, operation);
    clearInterval(cutting);
    proxy.mischief = () => undefined;

    await eventually(60, async () => {
      const stored = await direct.list<ConfigMap>(kinds.configMap, { labelSelector });
      const truth = new Map(stored.map((object) => [keyText(object.metadata), object.data?.value]));
      expect(new Map(cache.list().map((object) => [keyText(object.metadata), object.data?.value]))).toEqual(truth);
      const seen = [...recorder.lastSeen].filter(([, value]) => value !== undefined);
      expect(new Map(seen)).toEqual(truth);
    });
    expect(recorder.ranTwiceAtOnce).toEqual([]);
    await workers.stop(1);
  }, 240_000);

  it('never ask for lists or watches in a storm', async () => {
    const proxy = await startProxy();
    const { client } = clientOf(proxy.kubeconfig, { signal: stop.signal });
    const caches = new Caches(client, [], () => undefined);
    caches.of({ kind: kinds.configMap, labelSelector });
    proxy.mischief = ({ watch }) => (watch ? { kind: 'answer', status: 410 } : undefined);
    running.push(caches.run(stop.signal));
    await new Promise((resolve) => setTimeout(resolve, 10_000)); // a rate is counted over time
    stop.abort();
    expect(proxy.requests.length).toBeGreaterThan(4);
    expect(proxy.requests.length).toBeLessThan(20); // less than two a second, a list and a watch each time
  }, 180_000);

  it('notice deletes that happened while nobody listened', async () => {
    const proxy = await startProxy();
    const { client } = clientOf(proxy.kubeconfig, { signal: stop.signal });
    const caches = new Caches(client, [], () => undefined);
    const cache = caches.of<ConfigMap>({ kind: kinds.configMap, labelSelector: 'gone=1' });
    const events: string[] = [];
    cache.subscribe(({ type, object }) => events.push(`${type} ${object.metadata.name}`));
    await direct.create(kinds.configMap, configMap('gone', { gone: '1' }, 'x'));
    running.push(caches.run(stop.signal));
    await caches.synced();
    proxy.mischief = () => ({ kind: 'drop' });
    proxy.cutAll();
    await direct.delete(kinds.configMap, { namespace: 'default', name: 'gone' }, {});
    let expired = true; // the watch can't go on where it was
    proxy.mischief = ({ watch }) => {
      if (!watch || !expired) return undefined;
      expired = false;
      return { kind: 'answer', status: 410 };
    };
    await eventually(60, () => {
      expect(events).toEqual(['ADDED gone', 'DELETED gone']);
      return Promise.resolve();
    });
  }, 180_000);

  it('go on after the API server was killed and started again', async () => {
    const { client } = clientOf(controlPlane.kubeconfig, { signal: stop.signal });
    const caches = new Caches(client, [], () => undefined);
    const cache = caches.of<ConfigMap>({ kind: kinds.configMap, labelSelector: 'restart=1' });
    running.push(caches.run(stop.signal));
    await caches.synced();
    const { apiServer } = controlPlane.components;
    await apiServer.stop('SIGKILL');
    await apiServer.start();
    await direct.create(kinds.configMap, configMap('after-restart', { restart: '1' }, 'x'));
    await eventually(90, () => {
      expect(cache.list().map(({ metadata }) => metadata.name)).toEqual(['after-restart']);
      return Promise.resolve();
    });
  }, 180_000);

  async function change(random: () => number, operation: number): Promise<void> {
    const name = `chaos-${Math.floor(random() * objects)}`;
    const key = { namespace: 'default', name };
    const dice = random();
    try {
      if (dice < 0.3) await direct.delete(kinds.configMap, key, {});
      else if (dice < 0.5) await direct.create(kinds.configMap, configMap(name, { chaos: '1' }, String(operation)));
      else await direct.mergePatch(kinds.configMap, key, { data: { value: String(operation) } });
    } catch (error) {
      const refused = asApiError(error);
      if (!refused?.conflict && !refused?.notFound) throw error;
    }
  }
});

function configMap(name: string, labels: Record<string, string>, value: string) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', labels }, data: { value } };
}

function mischief(random: () => number): Fault | undefined {
  const dice = random();
  if (dice < 0.1) return { kind: 'drop' };
  if (dice < 0.2) return { kind: 'delay', ms: random() * 300 };
  if (dice < 0.25) return { kind: 'answer', status: 410 };
  if (dice < 0.3) return { kind: 'answer', status: 429, retryAfter: 1 };
  if (dice < 0.35) return { kind: 'answer', status: random() < 0.5 ? 500 : 503 };
  if (dice < 0.55) return { kind: 'cut', afterBytes: random() * 5000 };
  return undefined;
}
