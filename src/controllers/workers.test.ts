import { type CacheStore } from '../kubernetes/cache-store';
import { Caches } from '../kubernetes/caches';
import { type ApiClient } from '../kubernetes/api-client';
import { Fenced } from '../kubernetes/calls';
import { ApiError } from '../kubernetes/api-error';
import { keyText, type Key, type StoredObject } from '../kubernetes/object';
import { kinds } from '../kubernetes/resource-kind';
import { createLog } from '../observability/log';
import { Metrics } from '../observability/metrics';
import { after, done, whenQuiet, type Controller, type Queue, type Result } from './controller';
import { Workers } from './workers';

const request = { kind: kinds.configMap };
/** For caches that are never run and so ask nobody. */
const nobody = undefined as unknown as ApiClient;

const briefly = { timeoutSeconds: 0.05 };

/** A controller that does what a test says, on workers that really run. */
class Scene {
  readonly metrics = new Metrics();
  readonly calls: string[] = [];
  readonly workers: Workers;
  private readonly store: CacheStore;

  constructor(
    reconcile: (key: Key, signal: AbortSignal, call: number, queue: Queue) => Promise<Result>,
    { timeoutSeconds = 5, putOffSeconds = 5 } = {},
  ) {
    const caches = new Caches(nobody, [], () => undefined);
    this.store = caches.of(request) as unknown as CacheStore;
    const controller: Controller = {
      name: 'scene',
      watches: [{ ...request, keysOf: ({ object }) => [{ key: object.metadata }] }],
      reconcile: (key, signal, queue) => {
        this.calls.push(keyText(key));
        return reconcile(key, signal, this.calls.length, queue);
      },
    };
    const log = createLog('error', 'json');
    log.level = 'silent'; // handlers fail on purpose
    this.workers = new Workers(controller, caches, log, this.metrics, {
      count: 2,
      timeoutSeconds,
      putOffSeconds,
    });
    this.workers.start();
  }

  /** Has the cache hear of a change. */
  change(name: string): void {
    const metadata = { name, namespace: 'default', uid: name, resourceVersion: String(Math.random()) };
    this.store.apply('ADDED', { apiVersion: 'v1', kind: 'ConfigMap', metadata } as StoredObject);
  }

  /** Waits until the handler was called that often. */
  async called(times: number): Promise<void> {
    await eventually(() => {
      expect(this.calls.length).toBeGreaterThanOrEqual(times);
    });
  }

  async count(result: string): Promise<number> {
    const text = await this.metrics.registry.metrics();
    const pattern = `controller_runtime_reconcile_total\\{controller="scene",result="${result}"\\} (\\d+)`;
    return Number(new RegExp(pattern).exec(text)?.[1] ?? 0);
  }
}

/** Tries until it holds, for 4 s at most. */
async function eventually(check: () => void | Promise<void>): Promise<void> {
  const patience = Date.now() + 4000;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > patience) throw error;
      await new Promise(setImmediate);
    }
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
      if (call > 1) return Promise.resolve(done);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          told = signal.reason as unknown;
          reject(new Error('told to stop'));
        });
      });
    }, briefly);
    scene.change('a');
    await scene.called(2);
    expect(told).toEqual(new Error('reconcile of default/a takes longer than 0.05 s and is told to stop'));
    expect(await scene.count('error')).toBe(1);
  });

  it('keep the key of a handler that does not listen to its signal until it has ended', async () => {
    let end!: () => void;
    const hung = new Promise<void>((resolve) => (end = resolve));
    scene = new Scene(async ({ name }, _signal, call) => {
      if (name === 'a' && call === 1) await hung;
      return done;
    }, briefly);
    scene.change('a');
    await eventually(async () => {
      expect(await scene.count('error')).toBe(1); // reported when its time is up, not when it ends
    });
    scene.change('a');
    scene.change('b');
    await scene.called(2);
    await eventually(() => {
      expect(scene.workers.moving).toBe(false);
    });
    expect(scene.calls).toEqual(['default/a', 'default/b']);
    end();
    await scene.called(3);
    expect(scene.calls).toEqual(['default/a', 'default/b', 'default/a']);
    expect(scene.workers.moving).toBe(true);
    expect(await scene.count('error')).toBe(1);
  });

  it('do not let a key be put off for ever', async () => {
    let isTold = false;
    scene = new Scene(
      ({ name }, _signal, call, queue) => {
        if (name !== 'a') return Promise.resolve(done);
        for (let other = 0; other < 5; other++) scene.change(`${call}-${other}`); // there is always somebody else
        if (queue.busy) return Promise.resolve(whenQuiet);
        isTold = true;
        return Promise.resolve(done);
      },
      { putOffSeconds: 0.1 },
    );
    scene.change('a');
    await eventually(() => {
      expect(isTold).toBe(true);
    });
    expect(scene.calls.filter((key) => key === 'default/a').length).toBeGreaterThan(1);
  });

  it('call it again no sooner than the API server asks', async () => {
    const began = performance.now();
    scene = new Scene((_key, _signal, call) =>
      call === 1 ? Promise.reject(new ApiError('get', 429, 'TooManyRequests', 'wait', 0.3)) : Promise.resolve(done),
    );
    scene.change('a');
    await scene.called(2);
    expect(performance.now() - began).toBeGreaterThanOrEqual(299);
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
    }, briefly);
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
