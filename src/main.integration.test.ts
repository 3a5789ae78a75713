import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfig } from '../e2e/cluster/control-plane/kubeconfig';
import { startControlPlane, type TemporaryControlPlane } from '../e2e/cluster/control-plane/temporary';
import { eventually } from '../e2e/cluster/eventually';
import { freePorts } from '../e2e/cluster/processes/ports';
import { natsClusterKind } from './controllers/nats-cluster/kind';
import { type ApiClient } from './kubernetes/api-client';
import { type LeaseSpec } from './kubernetes/lease';
import { type StoredObject } from './kubernetes/object';
import { kinds } from './kubernetes/resource-kind';
import { clientOf } from './kubernetes/testing/clients';
import { FaultProxy, type Fault } from './kubernetes/testing/fault-proxy';
import { OperatorProcess, type OperatorProcessOptions } from './testing/operator-process';

const lease = { namespace: 'default', name: 'nats-operator' };

describe('an operator that can not start', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nats-operator-main-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function file(text: string): string {
    const path = join(folder, 'kubeconfig');
    writeFileSync(path, text);
    return path;
  }

  /** What it says; it must end with code 1 and log nothing. */
  async function lastWords(options: OperatorProcessOptions): Promise<string> {
    const operator = await OperatorProcess.start(options);
    expect(await operator.end(30)).toMatchObject({ code: 1, signal: null });
    expect(operator.log).toBe('');
    return operator.errors;
  }

  it('names an option that it does not know', async () => {
    const words = await lastWords({ kubeconfig: '', args: ['--colour=red'] });
    expect(words).toBe("error: Unknown option '--colour'; --help lists the options\n");
  });

  it('names a kubeconfig that is not there', async () => {
    const words = await lastWords({ kubeconfig: '/not/there' });
    expect(words).toBe("error: the kubeconfig can't be used: ENOENT: no such file or directory, open '/not/there'\n");
  });

  it('says in one line that a kubeconfig can not be read, and nothing of what is in it', async () => {
    const words = await lastWords({ kubeconfig: file('users: [{user: {token: secret') });
    expect(words).toMatch(/^error: the kubeconfig can't be used: [^\n]+\n$/);
    expect(words).not.toContain('secret');
  });

  it('says how to name an API server where the kubeconfig has none with TLS', async () => {
    const words = await lastWords({ kubeconfig: file(kubeconfig('http://localhost:8080', '', { token: 'x' })) });
    expect(words).toBe(
      "error: the kubeconfig can't be used: no TLS at http://localhost:8080: set KUBECONFIG, or run inside a cluster\n",
    );
  });

  it('says which API server it does not reach', async () => {
    const [port = 0] = await freePorts(1);
    const words = await lastWords({ kubeconfig: file(kubeconfig(`https://127.0.0.1:${port}`, '', { token: 'x' })) });
    expect(words).toMatch(new RegExp(`^error: [^\\n]*connect ECONNREFUSED 127.0.0.1:${port}\\n$`));
  }, 180_000);
});

describe('an operator at work', () => {
  let controlPlane: TemporaryControlPlane;
  let client: ApiClient;
  const started: { stop: () => void }[] = [];

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    ({ client } = clientOf(controlPlane.kubeconfig));
  }, 180_000);
  afterEach(async () => {
    for (const ended of started.splice(0)) ended.stop();
    await client.delete(kinds.lease, lease, {}); // one that was killed holds it still
  });
  afterAll(() => controlPlane.remove());

  it('finishes what it is doing when asked to end, then gives the lease away and ends without an error', async () => {
    let pass!: () => void;
    const operator = await busyWith('delayed', {
      kind: 'after',
      that: new Promise<void>((resolve) => (pass = resolve)),
    });
    expect(await serviceOf('delayed')).toBeUndefined(); // it is on its way
    operator.signal('SIGTERM');
    await isTold(operator);
    pass();
    expect(await operator.end(30)).toMatchObject({ code: 0, signal: null });
    expect(operator.errors).toBe('');
    expect(operator.log).toContain('"msg":"stopped"');
    expect(await serviceOf('delayed')).toBeDefined();
    expect(await holder()).toBeUndefined();
  }, 180_000);

  it('does not wait for ever for an API server that does not answer, and ends before Kubernetes loses patience', async () => {
    const operator = await busyWith('stalled', { kind: 'stall' });
    const asked = Date.now();
    operator.signal('SIGTERM');
    expect(await operator.end(30)).toMatchObject({ code: 0, signal: null });
    process.stderr.write(`SIGTERM to the end, with a write that hangs: ${(Date.now() - asked) / 1000} s\n`);
    expect(await holder()).toBeUndefined();
  }, 180_000);

  it('keeps the lead while the API server is slow with everything else', async () => {
    const proxy = await FaultProxy.start(controlPlane);
    started.push(proxy);
    const isSlow = ({ method, url }: { method: string; url: string }) => method === 'POST' && url.includes('/pods?');
    proxy.mischief = (request) => (isSlow(request) ? { kind: 'hold' } : undefined);
    await start({ kubeconfig: proxy.kubeconfig });
    for (let ordinal = 0; ordinal < 8; ordinal++) await createCluster(`slow-${ordinal}`);
    const renewed = async () => (await storedLease())?.renewTime;
    await eventually(60, () => {
      expect(proxy.requests.filter(isSlow).length).toBeGreaterThanOrEqual(16); // as many as there are sockets for calls
      return Promise.resolve();
    });
    for (let renewal = 1; renewal <= 2; renewal++) {
      const before = await renewed();
      await eventually(60, async () => {
        expect(await renewed()).not.toBe(before);
      });
    }
  }, 180_000);

  it('gives away a lease that it gets while it is asked to end', async () => {
    const proxy = await FaultProxy.start(controlPlane);
    started.push(proxy);
    const takes = ({ method, url }: { method: string; url: string }) => method === 'PUT' && url.includes('/leases/');
    proxy.mischief = (request) => (takes(request) ? { kind: 'delay', ms: 2000 } : undefined);
    const operator = await start({ kubeconfig: proxy.kubeconfig });
    await eventually(60, () => {
      expect(proxy.requests.some(takes)).toBe(true);
      return Promise.resolve();
    });
    operator.signal('SIGTERM');
    expect(await operator.end(30)).toMatchObject({ code: 0, signal: null });
    expect((await storedLease())?.leaseTransitions).toBe(1); // it had it
    expect(await holder()).toBeUndefined();
  }, 180_000);

  it.each([
    ['a list', /natsclusters\?limit=/],
    ['a CRD', /customresourcedefinitions\/natsclusters/],
  ])(
    'ends when asked while it starts and %s does not come',
    async (_what, url) => {
      const proxy = await FaultProxy.start(controlPlane);
      started.push(proxy);
      const concerns = (request: { url: string }) => url.test(request.url);
      proxy.mischief = (request) => (concerns(request) ? { kind: 'hold' } : undefined);
      const operator = await OperatorProcess.start({ kubeconfig: proxy.kubeconfig });
      await eventually(60, () => {
        expect(proxy.requests.some(concerns)).toBe(true);
        return Promise.resolve();
      });
      operator.signal('SIGTERM');
      expect(await operator.end(30)).toMatchObject({ code: 0, signal: null });
      expect(operator.errors).toBe('');
    },
    180_000,
  );

  it('ends at once when asked twice', async () => {
    const operator = await busyWith('twice', { kind: 'stall' });
    operator.signal('SIGTERM');
    await isTold(operator);
    operator.signal('SIGTERM');
    // less than it waits for a write that hangs
    expect(await operator.end(10)).toMatchObject({ code: 1, signal: null });
  }, 180_000);

  it.each(['json', 'pretty'])(
    'logs an error that nobody caught as its last words, and ends with code 1: %s',
    async (format) => {
      const bug = join(controlPlane.folder, 'bug.js');
      writeFileSync(bug, "process.on('SIGUSR2', () => void Promise.reject(new Error('a promise nobody waits for')));");
      const operator = await start({
        kubeconfig: controlPlane.kubeconfig,
        args: [`--log-format=${format}`],
        nodeOptions: [`--require=${bug}`],
      });
      operator.signal('SIGUSR2'); // as it begins to lead
      expect(await operator.end(30)).toMatchObject({ code: 1, signal: null });
      const [, ...lastWords] = operator.log.split(/^(?=.*fatal)/im);
      expect(lastWords).toHaveLength(1);
      for (const words of ['an error that nobody caught ends the operator', 'a promise nobody waits for', 'bug.js']) {
        expect(lastWords[0]).toContain(words);
      }
      expect(lastWords[0]).not.toContain('leading');
    },
    180_000,
  );

  async function start(options: OperatorProcessOptions): Promise<OperatorProcess> {
    const operator = await OperatorProcess.start(options);
    started.push({
      stop: () => {
        operator.signal('SIGKILL');
      },
    });
    await eventually(60, async () => {
      expect(await operator.isReady()).toBe(true);
    });
    return operator;
  }

  /** Waits until it knows that it is to end. */
  async function isTold(operator: OperatorProcess): Promise<void> {
    await eventually(60, () => {
      expect(operator.log).toContain('SIGTERM: running reconciles end');
      return Promise.resolve();
    });
  }

  /** An operator that is just making the service of a new cluster, whose writes of services end in that fault. */
  async function busyWith(name: string, fault: Fault): Promise<OperatorProcess> {
    const proxy = await FaultProxy.start(controlPlane);
    started.push(proxy);
    const concerns = ({ method, url }: { method: string; url: string }) =>
      method === 'PATCH' && url.includes(`/services/${name}?`);
    proxy.mischief = (request) => (concerns(request) ? fault : undefined);
    const operator = await start({ kubeconfig: proxy.kubeconfig });
    await createCluster(name);
    await eventually(60, () => {
      expect(proxy.requests.some(concerns)).toBe(true);
      return Promise.resolve();
    });
    return operator;
  }

  async function createCluster(name: string): Promise<void> {
    const { group, version, kind } = natsClusterKind;
    const metadata = { name, namespace: 'default' };
    await client.create(natsClusterKind, { apiVersion: `${group}/${version}`, kind, metadata });
  }

  function serviceOf(name: string): Promise<StoredObject | undefined> {
    return client.get(kinds.service, { namespace: 'default', name });
  }

  async function holder(): Promise<string | undefined> {
    return (await storedLease())?.holderIdentity;
  }

  async function storedLease(): Promise<LeaseSpec | undefined> {
    return (await client.get<StoredObject & { spec?: LeaseSpec }>(kinds.lease, lease))?.spec;
  }
});
