import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../e2e/cluster/eventually';
import { startControlPlane, type TemporaryControlPlane } from '../../e2e/cluster/control-plane/temporary';
import { type ApiClient } from './api-client';
import { Caches } from './caches';
import { kinds } from './resource-kind';
import { clientOf } from './testing/clients';

const labelSelector = 'restore=1';

// What an administrator does after a disaster: etcd goes back to a backup, so resource versions go back too.
describe('caches of an API server whose etcd is restored from a backup', () => {
  let controlPlane: TemporaryControlPlane;
  let client: ApiClient;
  const stop = new AbortController();
  let running: Promise<void> = Promise.resolve();

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    ({ client } = clientOf(controlPlane.kubeconfig, { signal: stop.signal }));
  }, 180_000);

  afterAll(async () => {
    stop.abort();
    await running;
    await controlPlane.remove();
  });

  it('go back to what the backup holds, and then follow what happens', async () => {
    const { etcd, apiServer } = controlPlane.components;
    const data = join(controlPlane.folder, 'etcd');
    const backup = join(controlPlane.folder, 'backup');
    const caches = new Caches(client, [], () => undefined);
    const cache = caches.of({ kind: kinds.configMap, labelSelector });
    const deleted: string[] = [];
    cache.subscribe(({ type, object }) => {
      if (type === 'DELETED') deleted.push(object.metadata.name);
    });

    await create('kept', 'lost-again');
    await etcd.stop();
    cpSync(data, backup, { recursive: true });
    await etcd.start();
    running = caches.run(stop.signal);
    await caches.synced();
    // many writes, so that the restored etcd does not come to these revisions soon by itself
    await client.delete(kinds.configMap, { namespace: 'default', name: 'lost-again' }, {});
    await create(...Array.from({ length: 200 }, (_, index) => `later-${index}`));
    await eventually(120, () => {
      expect(cache.list()).toHaveLength(201);
      return Promise.resolve();
    });

    await apiServer.stop('SIGKILL');
    await etcd.stop();
    rmSync(data, { recursive: true });
    cpSync(backup, data, { recursive: true });
    await etcd.start();
    await apiServer.start();

    await eventually(120, () => {
      // after a while without an API server it is asked each 30 s
      expect(names()).toEqual(['kept', 'lost-again']);
      return Promise.resolve();
    });
    expect(deleted.filter((name) => name.startsWith('later-'))).toHaveLength(200);
    await create('new');
    await eventually(120, () => {
      expect(names()).toEqual(['kept', 'lost-again', 'new']);
      return Promise.resolve();
    });

    function names(): string[] {
      return cache
        .list()
        .map(({ metadata }) => metadata.name)
        .sort();
    }
  }, 500_000);

  async function create(...names: string[]): Promise<void> {
    for (const name of names) {
      const metadata = { name, namespace: 'default', labels: { restore: '1' } };
      await client.create(kinds.configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    }
  }
});
