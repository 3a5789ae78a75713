import { join } from 'node:path';
import { startControlPlane, type TemporaryControlPlane } from '../../../e2e/cluster/control-plane/temporary';
import { eventually } from '../../../e2e/cluster/eventually';
import { projectFolder } from '../../../e2e/cluster/project';
import { type ApiClient } from '../../kubernetes/api-client';
import { ensureCrd, readCrd } from '../../kubernetes/crds';
import { kinds } from '../../kubernetes/resource-kind';
import { clientOf } from '../../kubernetes/testing/clients';
import { FaultProxy } from '../../kubernetes/testing/fault-proxy';
import { createLog } from '../../observability/log';
import { NatsOperator } from '../../operator';
import { parseOptions } from '../../options';
import { NatsClusterController } from './controller';
import { natsClusterKind } from './kind';

const crdFolder = join(projectFolder, 'crd');
const calm = { busy: false };

describe('a reconcile that is told to stop', () => {
  let controlPlane: TemporaryControlPlane;
  let client: ApiClient;
  let proxy: FaultProxy;
  let controller!: NatsClusterController;
  let operator: NatsOperator;
  let ended: Promise<void>;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    ({ client } = clientOf(controlPlane.kubeconfig));
    await ensureCrd(client, readCrd(join(crdFolder, 'natsclusters.yaml')), true);
    proxy = await FaultProxy.start(controlPlane);
    process.env.KUBECONFIG = proxy.kubeconfig;
    const options = parseOptions(['--listen=127.0.0.1:0', '--leader-elect=false'], {});
    if (options === 'help') throw new Error('not asked for help');
    const log = createLog('error', 'json');
    log.level = 'silent';
    // the operator fills its caches; the test reconciles
    const make = (tools: ConstructorParameters<typeof NatsClusterController>[0]) => {
      controller = new NatsClusterController(tools);
      return [];
    };
    operator = new NatsOperator(options, log, make, crdFolder);
    ended = operator.start();
  }, 180_000);

  afterAll(async () => {
    operator.stop();
    await ended;
    proxy.stop();
    await controlPlane.remove();
  });

  it.each([
    ['objects', 'PATCH', /\/services\/held-0/],
    ['the finalizer', 'PATCH', /\/natsclusters\/held-1\?/],
    ['the status', 'PATCH', /\/natsclusters\/held-2\/status/],
    ['a secret of the user', 'GET', /\/secrets\/mine-3/],
  ])(
    'does not wait for a call that hangs: %s',
    async (_what, method, url) => {
      const number = /-(\d)/.exec(url.source)?.[1];
      const key = { namespace: 'default', name: `held-${number}` };
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { ...key, name: `mine-${number}` } };
      await client.create(kinds.secret, secret);
      const { group, version, kind } = natsClusterKind;
      const spec = { size: 1, ...(number === '3' && { tls: { serverSecret: secret.metadata.name } }) };
      const cluster = { apiVersion: `${group}/${version}`, kind, metadata: key, spec };
      await client.create(natsClusterKind, cluster);
      let outcome = 'it was not called';
      await eventually(60, async () => {
        const stop = new AbortController();
        proxy.mischief = (request) => {
          if (request.method !== method || !url.test(request.url)) return undefined;
          outcome = 'it hangs';
          setImmediate(() => {
            stop.abort();
          });
          return { kind: 'hold' };
        };
        await controller.reconcile(key, stop.signal, calm).catch(() => {
          if (stop.signal.aborted) outcome = 'it has ended';
        });
        expect(outcome).toBe('it has ended');
      });
    },
    180_000,
  );
});
