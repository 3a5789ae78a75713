import { ResourceMetaImpl, type ResourceMeta } from '@dot-i/k8s-operator';
import { type KubernetesObject } from '@kubernetes/client-node';
import { join } from 'node:path';
import { startControlPlane, type TemporaryControlPlane } from '../e2e/cluster/control-plane/temporary';
import { eventually } from '../e2e/cluster/eventually';
import { projectFolder } from '../e2e/cluster/project';
import { done, type Controller, type Result } from './controllers/controller';
import { natsClusterKind } from './controllers/nats-cluster/kind';
import { type ApiClient } from './kubernetes/api-client';
import { type Cache } from './kubernetes/cache-store';
import { type Key, type StoredObject } from './kubernetes/object';
import { kinds } from './kubernetes/resource-kind';
import { clientOf } from './kubernetes/testing/clients';
import { FaultProxy } from './kubernetes/testing/fault-proxy';
import { createLog } from './observability/log';
import { NatsOperator, type Tools } from './operator';
import { parseOptions } from './options';

const namespace = 'default';
const finalizer = 'test.nats.io/ours';
const theirFinalizer = 'test.nats.io/theirs';
const kind = kinds.configMap;

type ConfigMap = StoredObject & { data?: Record<string, string> };

/** Keeps a finalizer on ConfigMaps and remembers which it cleaned up; throws for some and says so in an event for others. */
class Keeper implements Controller {
  readonly name = 'keeper';
  readonly cleanedUp: string[] = [];
  readonly watches;
  private readonly cache: Cache<ConfigMap>;

  constructor(
    private readonly tools: Tools,
    labelSelector: string,
  ) {
    const request = { kind, labelSelector };
    this.cache = tools.caches.of<ConfigMap>(request);
    this.watches = [
      { ...request, keysOf: ({ object }: { object: StoredObject }) => [{ key: object.metadata as Key }] },
    ];
  }

  async reconcile(key: Key): Promise<Result> {
    const object = this.cache.get(key);
    if (!object) return done;
    if (object.data?.bug) throw new Error('a bug in a handler');
    const cleanUp = () => {
      this.cleanedUp.push(key.name);
      return Promise.resolve();
    };
    if ((await this.tools.finalize(kind, object, finalizer, cleanUp)) !== object) return done;
    if (object.data?.say) {
      this.tools.events.record(object, { type: 'Normal', reason: 'Said', message: object.data.say });
    }
    return done;
  }
}

/** Lets a test call what the SDK has for operators that are derived from it. */
class DerivedOperator extends NatsOperator {
  set(object: StoredObject, status: object): Promise<ResourceMeta | null> {
    return this.setResourceStatus(this.metaOf(object), status);
  }

  patch(object: StoredObject, status: object): Promise<ResourceMeta | null> {
    return this.patchResourceStatus(this.metaOf(object), status);
  }

  private metaOf(object: StoredObject): ResourceMeta {
    return ResourceMetaImpl.createWithPlural('natsclusters', object as unknown as KubernetesObject);
  }
}

describe('a controller that is registered with the operator', () => {
  let controlPlane: TemporaryControlPlane;
  let direct: ApiClient;
  let proxy: FaultProxy;
  const running: { operator: NatsOperator; ended: Promise<void> }[] = [];

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    direct = clientOf(controlPlane.kubeconfig).client;
  }, 180_000);

  afterAll(() => controlPlane.remove());

  beforeEach(async () => {
    proxy = await FaultProxy.start(controlPlane);
  });

  afterEach(async () => {
    await stop();
    proxy.stop();
  });

  function start<T extends Controller>(controllers: (tools: Tools) => T[]): T[] & { operator: DerivedOperator } {
    process.env.KUBECONFIG = proxy.kubeconfig; // where the SDK looks
    const options = parseOptions(['--listen=127.0.0.1:0', '--leader-elect=false'], {});
    if (options === 'help') throw new Error('not asked for help');
    const log = createLog('error', 'json');
    log.level = 'silent'; // the handler throws on purpose
    const made: T[] = [];
    const make = (tools: Tools) => {
      made.push(...controllers(tools));
      return made;
    };
    const operator = new DerivedOperator(options, log, make, join(projectFolder, 'crd'));
    running.push({ operator, ended: operator.start() });
    return Object.assign(made, { operator });
  }

  async function stop(): Promise<void> {
    for (const { operator, ended } of running.splice(0)) {
      operator.stop();
      await ended;
    }
  }

  const key = (name: string) => ({ namespace, name });

  async function create(name: string, label: string, data: Record<string, string> = {}): Promise<void> {
    const metadata = { ...key(name), labels: { test: label } };
    await direct.create(kind, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } as Parameters<
      ApiClient['create']
    >[1]);
  }

  async function finalizersOf(name: string): Promise<readonly string[] | undefined> {
    const object = await direct.get(kind, key(name));
    return object && (object.metadata.finalizers ?? []);
  }

  /** The finalizers of the one object with that label, each time that it was written. */
  function finalizersOverTime(labelSelector: string) {
    const history: (readonly string[])[] = [];
    const stop = new AbortController();
    const options = { namespace, labelSelector, resourceVersion: '0', timeoutSeconds: 60, silentSeconds: 60 };
    const watching = direct.watch(kind, { ...options, signal: stop.signal }, ({ type, object }) => {
      if (type !== 'BOOKMARK') history.push(object.metadata.finalizers ?? []);
    });
    const end = async () => {
      stop.abort();
      await expect(watching).rejects.toThrow('abort');
    };
    return { history, end };
  }

  it('adds and removes its finalizer beside those of others, who write at the same time, and loses nothing', async () => {
    const keepers = start((tools) => [new Keeper(tools, 'test=shared')]);
    await create('shared', 'shared');
    // somebody else works on the same list of finalizers and on the data all the time
    for (let edit = 0; edit < 20; edit++) {
      const object = (await direct.get<ConfigMap>(kind, key('shared')))!;
      const others = (object.metadata.finalizers ?? []).filter((name) => name !== theirFinalizer);
      const finalizers = edit % 2 === 0 ? [...others, theirFinalizer] : others;
      const { resourceVersion } = object.metadata;
      const patch = { metadata: { finalizers }, data: { [`edit-${edit}`]: 'kept' } };
      await direct.mergePatch(kind, key('shared'), patch, { resourceVersion }).catch((error: unknown) => {
        edit--; // the operator was faster: once more
        if (!/modified/.test(String(error))) throw error;
      });
    }
    await eventually(60, async () => {
      expect(await finalizersOf('shared')).toEqual([finalizer]);
    });
    await direct.mergePatch(kind, key('shared'), { metadata: { finalizers: [finalizer, theirFinalizer] } });
    expect(Object.keys((await direct.get<ConfigMap>(kind, key('shared')))?.data ?? {})).toHaveLength(20);

    await direct.delete(kind, key('shared'), {});
    await eventually(60, async () => {
      expect(await finalizersOf('shared')).toEqual([theirFinalizer]);
    });
    expect(keepers[0]!.cleanedUp).toContain('shared');
    await direct.mergePatch(kind, key('shared'), { metadata: { finalizers: null } });
    expect(await finalizersOf('shared')).toBeUndefined();
  }, 180_000);

  it('does not overwrite what somebody else writes while its own write is on the way', async () => {
    const patches = () => proxy.requests.filter(({ method, url }) => method === 'PATCH' && url.includes('/overtaken'));
    let overtake!: () => void;
    const overtaken = new Promise<void>((resolve) => (overtake = resolve));
    proxy.mischief = ({ method }) =>
      method === 'PATCH' && patches().length === 1 ? { kind: 'after', that: overtaken } : undefined;
    start((tools) => [new Keeper(tools, 'test=overtaken')]);
    await create('overtaken', 'overtaken');
    const { history, end } = finalizersOverTime('test=overtaken');
    await eventually(60, () => {
      expect(patches()).toHaveLength(1);
      expect(history).toHaveLength(1);
      return Promise.resolve();
    });
    expect(await finalizersOf('overtaken')).toEqual([]); // it is on the way
    await direct.mergePatch(kind, key('overtaken'), { metadata: { finalizers: [theirFinalizer] } });
    overtake();
    await eventually(60, () => {
      expect(history.at(-1)).toEqual([theirFinalizer, finalizer]);
      return Promise.resolve();
    });
    await end();
    // nothing in between: a lost update that is mended at the next look is lost for a while
    expect(history).toEqual([[], [theirFinalizer], [theirFinalizer, finalizer]]);
    await direct.mergePatch(kind, key('overtaken'), { metadata: { finalizers: null } });
  }, 180_000);

  it('cleans up before it lets go, and tries again until the API server takes its word', async () => {
    const keepers = start((tools) => [new Keeper(tools, 'test=going')]);
    await create('going', 'going');
    await eventually(60, async () => {
      expect(await finalizersOf('going')).toEqual([finalizer]);
    });
    let refusals = 0;
    const cleanedUpAt: number[] = [];
    proxy.mischief = ({ method }) => {
      if (method !== 'PATCH') return undefined;
      cleanedUpAt.push(keepers[0]!.cleanedUp.length);
      refusals++;
      if (refusals <= 2) return { kind: 'answer', status: 500 };
      if (refusals === 3) return { kind: 'answer', status: 409 };
      if (refusals === 4) return { kind: 'drop' };
      return undefined;
    };
    await direct.delete(kind, key('going'), {});
    await eventually(60, async () => {
      expect(await finalizersOf('going')).toBeUndefined();
    });
    expect(refusals).toBeGreaterThanOrEqual(5);
    expect(cleanedUpAt[0]).toBe(1);
  }, 180_000);

  it('shares one watch with others of the same kind and selector', async () => {
    const keepers = start((tools) => [new Keeper(tools, 'test=one'), new Keeper(tools, 'test=one')]);
    await create('one', 'one');
    await eventually(60, async () => {
      expect(await finalizersOf('one')).toEqual([finalizer]);
    });
    expect(keepers).toHaveLength(2);
    const watches = proxy.requests.filter(({ watch, url }) => watch && url.includes('configmaps'));
    expect(watches).toHaveLength(1);
  }, 180_000);

  it('may write a status as the SDK has it, unless somebody wrote since', async () => {
    const { operator } = start((tools) => [new Keeper(tools, 'test=status')]);
    const status = async () =>
      (await direct.get<StoredObject & { status?: object }>(natsClusterKind, key('told')))?.status;
    const cluster = { apiVersion: 'nats.io/v1beta1', kind: 'NatsCluster', metadata: key('told') };
    const created = await eventually(60, () => direct.create(natsClusterKind, cluster));
    const written = await operator.set(created, { phase: 'Running', size: 3 });
    expect(await status()).toEqual({ phase: 'Running', size: 3 });
    await expect(operator.set(created, { size: 4 })).rejects.toThrow(/modified/);
    await expect(operator.patch(created, { size: 4 })).rejects.toThrow(/modified/);
    const { resourceVersion = '' } = written ?? {};
    await operator.patch({ ...created, metadata: { ...created.metadata, resourceVersion } }, { size: 5 });
    expect(await status()).toEqual({ phase: 'Running', size: 5 });
  }, 180_000);

  it('is called again after a bug in it, while others go on', async () => {
    start((tools) => [new Keeper(tools, 'test=bug')]);
    await create('buggy', 'bug', { bug: 'yes' });
    await create('fine', 'bug');
    await eventually(60, async () => {
      expect(await finalizersOf('fine')).toEqual([finalizer]);
    });
    expect(await finalizersOf('buggy')).toEqual([]);
    await direct.mergePatch(kind, key('buggy'), { data: null });
    await eventually(60, async () => {
      expect(await finalizersOf('buggy')).toEqual([finalizer]);
    });
  }, 180_000);

  it('counts an event that is the same again, after a restart too, instead of adding another', async () => {
    const said = async () =>
      (await direct.list<StoredObject & { count: number; reason: string; message: string }>(kinds.event, { namespace }))
        .filter(({ reason }) => reason === 'Said')
        .map(({ message, count }) => ({ message, count }));
    const poke = (time: string) => direct.mergePatch(kind, key('talker'), { data: { time } });
    start((tools) => [new Keeper(tools, 'test=talk')]);
    await create('talker', 'talk', { say: 'hello' });
    await eventually(60, async () => {
      expect(await said()).toEqual([{ message: 'hello', count: 1 }]);
    });
    await poke('1');
    await eventually(60, async () => {
      expect(await said()).toEqual([{ message: 'hello', count: 2 }]);
    });
    await stop();
    start((tools) => [new Keeper(tools, 'test=talk')]);
    await eventually(60, async () => {
      expect(await said()).toEqual([{ message: 'hello', count: 3 }]);
    });
  }, 180_000);
});
