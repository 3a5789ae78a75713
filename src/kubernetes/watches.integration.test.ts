import { eventually } from '../../e2e/cluster/eventually';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { type ApiClient } from './api-client';
import { CacheStore } from './cache-store';
import { Informer } from './informer';
import { kinds } from './resource-kind';
import { clientOf } from './testing/clients';
import { FaultProxy } from './testing/fault-proxy';

const labelSelector = 'watched=1';

describe('a watch', () => {
  let controlPlane: TemporaryControlPlane;
  let direct: ApiClient;
  let proxy: FaultProxy;
  let store: CacheStore;
  let stop: AbortController;
  let running: Promise<unknown>;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    direct = clientOf(controlPlane.kubeconfig).client;
  }, 180_000);

  afterAll(() => controlPlane.remove());

  beforeEach(async () => {
    proxy = await FaultProxy.start(controlPlane);
    stop = new AbortController();
  });

  afterEach(async () => {
    stop.abort();
    await running;
    proxy.stop();
  });

  async function start(options: { silentSeconds?: number; informers?: number } = {}): Promise<void> {
    const { client } = clientOf(proxy.kubeconfig, { signal: stop.signal });
    const { silentSeconds, informers = 1 } = options;
    store = new CacheStore();
    const all = Array.from(
      { length: informers },
      (_, index) =>
        new Informer(client, index === 0 ? store : new CacheStore(), {
          kind: kinds.configMap,
          labelSelector,
          silentSeconds,
        }),
    );
    running = Promise.all(all.map((informer) => informer.run(stop.signal)));
    await Promise.all(all.map((informer) => informer.synced));
    await eventually(60, () => {
      expect(watches()).toBeGreaterThanOrEqual(informers);
      return Promise.resolve();
    });
  }

  const watches = () => proxy.requests.filter(({ watch }) => watch).length;
  const lists = () => proxy.requests.filter(({ watch, url }) => !watch && url.includes('limit=500')).length;

  async function create(name: string): Promise<void> {
    const metadata = { name, namespace: 'default', labels: { watched: '1' } };
    await direct.create(kinds.configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  }

  function holds(name: string, seconds: number): Promise<void> {
    return eventually(seconds, () => {
      expect(store.list().map(({ metadata }) => metadata.name)).toContain(name);
      return Promise.resolve();
    });
  }

  it('that falls silent without a word is renewed, and nothing is missed', async () => {
    proxy.mischief = ({ watch }) => (watch && watches() === 1 ? { kind: 'stall' } : undefined);
    await start({ silentSeconds: 2 });
    await create('in-the-silence');
    await holds('in-the-silence', 60);
    expect(lists()).toBe(1); // it went on where it was
  }, 180_000);

  it('that is not even answered is renewed too', async () => {
    proxy.mischief = ({ watch }) => (watch && watches() === 1 ? { kind: 'hold' } : undefined);
    await start({ silentSeconds: 2 });
    await create('never-answered');
    await holds('never-answered', 60);
    expect(lists()).toBe(1);
  }, 180_000);

  it('that has nothing to tell is kept by bookmarks', async () => {
    proxy.mischief = ({ watch }) => (watch ? { kind: 'bookmarks', everyMs: 500 } : undefined);
    await start({ silentSeconds: 4 });
    await new Promise((resolve) => setTimeout(resolve, 9000)); // more than twice what silence may last
    expect(watches()).toBe(1);
  }, 180_000);

  it('that is told in the stream that it is too old is begun anew by one list', async () => {
    proxy.mischief = ({ watch }) => (watch && watches() === 1 ? { kind: 'gone' } : undefined);
    await start();
    await eventually(60, () => {
      expect(watches()).toBe(2);
      return Promise.resolve();
    });
    expect(lists()).toBe(2);
    await create('after-that');
    await holds('after-that', 60);
    expect(lists()).toBe(2);
  }, 180_000);

  it('that is cut again and again is begun a few times a second at most, ten of them together too', async () => {
    await start({ informers: 10 });
    const before = proxy.requests.length;
    proxy.mischief = ({ watch }) => (watch ? { kind: 'drop' } : undefined);
    proxy.cutAll();
    const seconds = 8;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000)); // a rate is counted over time
    const rate = (proxy.requests.length - before) / seconds / 10;
    expect(rate).toBeGreaterThan(0.1);
    expect(rate).toBeLessThan(2); // with the question whether the API server went back in time
    proxy.mischief = () => undefined;
    await create('after-the-cuts');
    await holds('after-the-cuts', 60);
  }, 180_000);
});
