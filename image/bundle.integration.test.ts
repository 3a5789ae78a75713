import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startControlPlane, type TemporaryControlPlane } from '../e2e/cluster/control-plane/temporary';
import { eventually } from '../e2e/cluster/eventually';
import { Kubectl } from '../e2e/cluster/kubectl';
import { freePorts } from '../e2e/cluster/processes/ports';
import { projectFolder } from '../e2e/cluster/project';
import { runSettings } from './contents';

const nodeOptions = runSettings.entrypoint.slice(1, -1);

// `make build` made it; here it is all there is: no node_modules, no sources
describe('the bundle in a folder of its own', () => {
  let folder: string;
  let program: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nats-operator-bundle-'));
    program = join(folder, 'nats-operator.js');
    cpSync(join(projectFolder, 'dist', 'nats-operator.js'), program);
    cpSync(join(projectFolder, 'dist', 'crd'), join(folder, 'crd'), { recursive: true });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args], { cwd: folder });

  it('prints its help', async () => {
    const { stdout } = await run('--help');
    expect(stdout).toContain('use: nats-operator [options]');
    expect(stdout).toContain('--leader-elect');
  });

  it('ends with one line for an option that can not be used', async () => {
    await expect(run('--listen=nowhere')).rejects.toMatchObject({
      code: 1,
      stderr: 'error: --listen=nowhere: use host:port or :port\n',
    });
  });

  describe('on an API server', () => {
    let controlPlane: TemporaryControlPlane;
    let operator: ChildProcess | undefined;
    let kubectl: Kubectl;
    let address: string;
    let log = '';

    beforeAll(async () => {
      controlPlane = await startControlPlane();
      kubectl = new Kubectl(controlPlane.kubeconfig);
      const [port = 0] = await freePorts(1);
      address = `127.0.0.1:${port}`;
      operator = spawn(process.execPath, [...nodeOptions, program, `--listen=${address}`], {
        cwd: folder,
        env: { ...process.env, KUBECONFIG: controlPlane.kubeconfig, POD_NAME: 'operator-0', POD_NAMESPACE: 'default' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      for (const stream of [operator.stdout, operator.stderr]) {
        stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
      }
    }, 180_000);
    afterAll(async () => {
      operator?.kill('SIGKILL');
      await controlPlane.remove();
    });

    it('installs the CRDs, fills its caches and says that it is ready', async () => {
      await eventually(60, async () => {
        expect((await fetch(`http://${address}/readyz`)).status).toBe(200);
      });
      await kubectl.run('wait', '--for=condition=Established', 'crd/natsclusters.nats.io', '--timeout=90s');
    }, 180_000);

    it('reads a resource with its decorated classes and makes its pods', async () => {
      await kubectl.run('apply', '-n', 'default', '-f', join(projectFolder, 'example', 'cluster.yaml'));
      await eventually(60, async () => {
        expect(await kubectl.run('get', 'pods', '-n', 'default', '-o', 'name')).toMatch(
          /^(pod\/example-nats-\S+\n){3}$/,
        );
      });
    }, 180_000);

    it('writes its log as JSON, a line each, and nothing else', () => {
      const lines = log.slice(0, log.lastIndexOf('\n')).split('\n'); // whole ones
      expect(lines.length).toBeGreaterThan(2);
      for (const line of lines) {
        expect(JSON.parse(line)).toMatchObject({
          level: expect.any(String) as string,
          msg: expect.any(String) as string,
        });
      }
    });

    it('ends in order when asked to', async () => {
      const ended = once(operator!, 'close'); // unlike 'exit' this comes when all of its output has been read
      operator!.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      expect(log).toContain('"msg":"stopped"');
    }, 120_000);
  });
});
