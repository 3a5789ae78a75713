import { type CacheStore } from '../kubernetes/cache-store';
import { Caches } from '../kubernetes/caches';
import { type ApiClient, Fenced } from '../kubernetes/api-client';
import { keyText, type Key, type StoredObject } from '../kubernetes/object';
import { kinds } from '../kubernetes/resource-kind';
import { createLog } from '../observability/log';
import { Metrics } from '../observability/metrics';
import { after, done, type Controller, type Result } from './controller';
import { Workers } from './workers';

const request = { kind: kinds.configMap };
/** For caches that are never run and so ask nobody. */
const nobody = undefined as unknown as ApiClient;

/** A controller that does what a test says, on workers that really run. */
class Scene {
  readonly metrics = new Metrics();
  readonly calls: string[] = [];
  readonly workers: Workers;
  private readonly store: CacheStore;

  constructor(reconcile: (key: Key, signal: AbortSignal, call: number) => Promise<Result>, timeoutSeconds = 5) {
    const caches = new Caches(nobody, [], () => undefined);
    this.store = caches.of(request) as unknown as CacheStore;
    const controller: Controller = {
      name: 'scene',
      watches: [{ ...request, keysOf: ({ object }) => [{ key: object.metadata }] }],
      reconcile: (key, signal) => {
        this.calls.push(keyText(key));
        return reconcile(key, signal, this.calls.length);
      },
    };
    const log = createLog('error', 'json');
    log.level = 'silent'; // handlers fail on purpose
    this.workers = new Workers(controller, caches, log, this.metrics, { count: 2, timeoutSeconds });
    this.workers.start();
  }

  /** Has the cache hear of a change. */
  change(name: string): void {
    const metadata = { name, namespace: 'default', uid: name, resourceVersion: String(Math.random()) };
    this.store.apply('ADDED', { apiVersion: 'v1', kind: 'ConfigMap', metadata } as StoredObject);
  }

  /** Waits until the handler was called that often. */
  async called(times: number): Promise<void> {
    const patience = Date.now() + 4000;
    while (this.calls.length < times && Date.now() < patience) await new Promise(setImmediate);
    expect(this.calls.length).toBeGreaterThanOrEqual(times);
  }

  async count(result: string): Promise<number> {
    const text = await this.metrics.registry.metrics();
    const pattern = `controller_runtime_reconcile_total\\{controller="scene",result="${result}"\\} (\\d+)`;
    return Number(new RegExp(pattern).exec(text)?.[1] ?? 0);
  }
}

describe('workers', () => {
  let scene: Scene;
  afterEach(() => scene.workers.stop(1));

  it('call the handler with the key of what changed', async () => {
    scene = new Scene(() => Promise.resolve(done));
    scene.change('a');
    await scene.called(1);
    expect(scene.calls).toEqual(['default/a']);
  });

  it('call it again after it threw, count that, and go on with others meanwhile', async () => {
    scene = new Scene(({ name }, _, call) =>
      name === 'bad' && call < 4 ? Promise.reject(new Error('a bug')) : Promise.resolve(done),
    );
    scene.change('bad');
    scene.change('good');
    await scene.called(3);
    expect(scene.calls).toContain('default/good');
    expect(scene.calls.filter((key) => key === 'default/bad').length).toBeGreaterThan(1);
    expect(await scene.count('error')).toBeGreaterThanOrEqual(1);
  });

  it('survive a handler that throws before it returns a promise', async () => {
    scene = new Scene((_key, _signal, call) => {
      if (call === 1) throw new Error('a bug');
      return Promise.resolve(done);
    });
    scene.change('a');
    await scene.called(2);
  });

  it('call it again after the time that it asks for', async () => {
    scene = new Scene((_key, _signal, call) => Promise.resolve(call === 1 ? after(0.02) : done));
    scene.change('a');
    await scene.called(2);
    expect(await scene.count('requeue_after')).toBe(1);
  });

  it('cut a handler off that hangs, by its signal, and call it again', async () => {
    let told: unknown;
    scene = new Scene((_key, signal, call) => {
      signal.addEventListener('abort', () => (told = signal.reason as unknown));
      return call === 1 ? new Promise(() => undefined) : Promise.resolve(done);
    }, 0.05);
    scene.change('a');
    await scene.called(2);
    expect(told).toMatchObject({ name: 'TimeoutError' });
    expect(await scene.count('error')).toBe(1);
  });

  it('are not moving while a handler hangs for twice its time', async () => {
    // the whole event loop stands still for so long: no timer can cut it off
    const hang = () => {
      const end = performance.now() + 120;
      while (performance.now() < end);
    };
    scene = new Scene(async () => {
      await Promise.resolve();
      hang();
      expect(scene.workers.moving).toBe(false);
      return done;
    }, 0.05);
    expect(scene.workers.moving).toBe(true);
    scene.change('a');
    await scene.called(1);
    expect(scene.workers.moving).toBe(true);
  });

  it('let what is in work end when they stop, and begin nothing more', async () => {
    let end!: () => void;
    scene = new Scene(
      () =>
        new Promise(
          (resolve) =>
            (end = () => {
              resolve(done);
            }),
        ),
    );
    scene.change('a');
    await scene.called(1);
    let stopped = false;
    const stopping = scene.workers.stop(5).then(() => (stopped = true));
    scene.change('b');
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    end();
    await stopping;
    expect(scene.calls).toEqual(['default/a']);
  });

  it('cut off what does not end in time when they stop', async () => {
    let reason: unknown;
    scene = new Scene((_key, signal) => {
      signal.addEventListener('abort', () => (reason = signal.reason as unknown));
      return new Promise(() => undefined);
    });
    scene.change('a');
    await scene.called(1);
    await scene.workers.stop(0.02);
    expect(reason).toEqual(new Error('the operator stops'));
  });

  it('retry what was held back because another replica leads', async () => {
    scene = new Scene((_key, _signal, call) =>
      call === 1 ? Promise.reject(new Fenced('not leading')) : Promise.resolve(done),
    );
    scene.change('a');
    await scene.called(2);
  });
});
