import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { type ApiClient } from './api-client';
import { Fenced } from './calls';
import { type ApiError } from './api-error';
import { type StoredObject } from './object';
import { kinds } from './resource-kind';
import { clientOf } from './testing/clients';
import { FaultProxy } from './testing/fault-proxy';

type ConfigMap = StoredObject & { data?: Record<string, string> };

function configMap(name: string, data: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}

describe('the API client', () => {
  let controlPlane: TemporaryControlPlane;
  let proxy: FaultProxy;
  let client: ApiClient;
  const answers: string[] = [];

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    proxy = await FaultProxy.start(controlPlane);
    ({ client } = clientOf(proxy.kubeconfig, { onAnswer: (method, code) => answers.push(`${method} ${code}`) }));
  }, 180_000);

  afterAll(async () => {
    proxy.stop();
    await controlPlane.remove();
  });

  afterEach(() => {
    proxy.mischief = () => undefined;
  });

  const key = (name: string) => ({ namespace: 'default', name });

  it('applies what is ours and leaves what others set', async () => {
    await client.create(kinds.configMap, configMap('shared', { theirs: '1' }));
    await client.apply(kinds.configMap, configMap('shared', { ours: '2' }));
    const stored = await client.get<ConfigMap>(kinds.configMap, key('shared'));
    expect(stored?.data).toEqual({ theirs: '1', ours: '2' });
    expect(stored?.metadata).not.toHaveProperty('managedFields');
  });

  it('applies to the object that was judged and not to another one, and makes one that is gone', async () => {
    const first = await client.create(kinds.configMap, configMap('applied'));
    const apply = (ours: string) => {
      const { metadata, ...rest } = configMap('applied', { ours });
      const { resourceVersion } = first.metadata;
      return client.apply(kinds.configMap, { ...rest, metadata: { ...metadata, resourceVersion } });
    };
    await apply('1');
    await expect(apply('2')).rejects.toMatchObject({ conflict: true });
    await client.delete(kinds.configMap, key('applied'), {});
    await apply('3');
    await expect(apply('4')).rejects.toMatchObject({ conflict: true });
  });

  it('returns nothing for what does not exist', async () => {
    expect(await client.get(kinds.configMap, key('nowhere'))).toBeUndefined();
  });

  it('refuses to delete an object that is not the one that was judged', async () => {
    const first = await client.create(kinds.configMap, configMap('judged'));
    await client.delete(kinds.configMap, key('judged'), { uid: first.metadata.uid });
    const second = await client.create(kinds.configMap, configMap('judged'));
    const attempt = client.delete(kinds.configMap, key('judged'), { uid: first.metadata.uid });
    await expect(attempt).rejects.toMatchObject({ status: 409, conflict: true });
    await client.mergePatch(kinds.configMap, key('judged'), { data: { changed: 'yes' } });
    const { uid, resourceVersion } = second.metadata;
    await expect(client.delete(kinds.configMap, key('judged'), { uid, resourceVersion })).rejects.toMatchObject({
      conflict: true,
    });
    await client.delete(kinds.configMap, key('judged'), { uid });
    await client.delete(kinds.configMap, key('judged'), { uid }); // gone already: fine
  });

  it('refuses a patch where somebody wrote since', async () => {
    const { metadata } = await client.create(kinds.configMap, configMap('patched'));
    const { resourceVersion } = metadata;
    await client.mergePatch(kinds.configMap, key('patched'), { data: { a: '1' } }, { resourceVersion });
    const late = client.mergePatch(kinds.configMap, key('patched'), { data: { a: '2' } }, { resourceVersion });
    await expect(late).rejects.toMatchObject({ conflict: true });
  });

  it('names call and object in an error, and the word of the API server', async () => {
    const attempt = client.create(kinds.configMap, configMap('Not_A_Name'));
    await expect(attempt).rejects.toMatchObject({
      call: 'create ConfigMap default/Not_A_Name',
      status: 422,
      reason: 'Invalid',
    } satisfies Partial<ApiError>);
  });

  it('lists a large collection whole, page by page', async () => {
    const names = Array.from({ length: 501 }, (_, index) => `paged-${index}`);
    const make = ({ name = '' } = {}) =>
      client.create(kinds.configMap, {
        ...configMap(name),
        metadata: { name, namespace: 'default', labels: { paged: '1' } },
      } as never);
    await Promise.all(names.map((name) => make({ name })));
    const listed = await client.list(kinds.configMap, { labelSelector: 'paged=1' });
    expect(listed.map(({ metadata }) => metadata.name).sort()).toEqual(names.sort());
    expect(listed[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  }, 180_000);

  it('makes 500 calls over a handful of connections', async () => {
    const before = proxy.connections;
    await Promise.all(Array.from({ length: 500 }, () => client.get(kinds.configMap, key('shared'))));
    expect(proxy.connections - before).toBeLessThanOrEqual(16);
  }, 180_000);

  it.each([429, 500, 503])(
    'tries again after %i, no sooner than it is asked to',
    async (status) => {
      let faults = 2;
      proxy.mischief = () => (faults-- > 0 ? { kind: 'answer', status, retryAfter: 1 } : undefined);
      const began = performance.now();
      expect(await client.get(kinds.configMap, key('shared'))).toBeDefined();
      expect(performance.now() - began).toBeGreaterThan(1950); // timers go by milliseconds, and may be early by some
    },
    60_000,
  );

  it('tries again where the connection is lost', async () => {
    let faults = 2;
    proxy.mischief = () => (faults-- > 0 ? { kind: 'drop' } : undefined);
    await client.apply(kinds.configMap, configMap('stubborn', { a: '1' }));
    expect(answers).toContain('PATCH <error>');
    expect((await client.get<ConfigMap>(kinds.configMap, key('stubborn')))?.data).toEqual({ a: '1' });
  });

  it('gives up in the end and says why', async () => {
    proxy.mischief = () => ({ kind: 'answer', status: 500 });
    const attempt = client.get(kinds.configMap, key('shared'));
    await expect(attempt).rejects.toThrow('get ConfigMap default/shared: by the proxy');
  }, 60_000);

  it('writes nothing once the fence is closed, not even what was about to leave', async () => {
    let open = true;
    const fence = () => {
      if (!open) throw new Fenced('closed');
    };
    const fenced = client.with({ fence });
    await fenced.apply(kinds.configMap, configMap('fenced', { a: '1' }));
    const attempt = fenced.apply(kinds.configMap, configMap('fenced', { a: '2' }));
    open = false; // after the call was made, before its bytes leave
    await expect(attempt).rejects.toThrow(Fenced);
    await expect(fenced.delete(kinds.configMap, key('fenced'), {})).rejects.toThrow(Fenced);
    expect((await client.get<ConfigMap>(kinds.configMap, key('fenced')))?.data).toEqual({ a: '1' });
  });
});
