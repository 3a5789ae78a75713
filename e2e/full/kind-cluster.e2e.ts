import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testArchive } from '../cluster/images/archives';
import { KindCluster } from '../cluster/kind/kind-cluster';
import { folder } from '../cluster/kind/kind-command';
import { Kubectl } from '../cluster/kubectl';
import { projectFolder } from '../cluster/project';

const cli = join(projectFolder, 'build', 'e2e', 'cluster', 'cli.js');
const name = 'nats-operator-e2e';
const [controlPlane, worker] = [`${name}-control-plane`, `${name}-worker`];

// an engine alone is not enough: it must be able to pull kind's node image, or have another
const isKind = process.env.CLUSTER === 'kind';
if (!isKind) console.warn('skipped: the kind cluster is tested with CLUSTER=kind');

(isKind ? describe : describe.skip)('the kind cluster', () => {
  const cluster = new KindCluster();
  let size = 0;

  beforeAll(async () => {
    size = (await cluster.nodes().catch(() => [])).length;
    await cluster.down();
  }, 60_000);

  // the suites after this one find what was there
  afterAll(async () => {
    await cluster.down();
    if (size === 0) return;
    await cluster.up(size);
    await cluster.loadImage(await testArchive());
  }, 300_000);

  it('has a node for each that was asked for, and each takes pods', async () => {
    await cluster.up(2);
    expect(await cluster.nodes()).toEqual([controlPlane, worker]);
    const taints = 'jsonpath={.items[*].spec.taints}';
    expect(await kubectl().run('get', 'nodes', '-o', taints)).toBe('');
  }, 240_000);

  it('stays as it is when it is brought up again', async () => {
    await cluster.up(2);
    const before = await nodeIds();
    await cluster.up(2);
    expect(await nodeIds()).toEqual(before);
  }, 240_000);

  it('starts a node again that a test left stopped', async () => {
    await cluster.up(2);
    const before = await nodeIds();
    for (const node of [worker, controlPlane]) await cluster.stopNode(node);
    await cluster.up(2);
    expect(await nodeIds()).toEqual(before);
  }, 240_000);

  it('stops a node that is stopped, and starts one that runs, without complaint', async () => {
    await cluster.up(2);
    for (let times = 0; times < 2; times++) await cluster.stopNode(worker);
    expect(running(worker)).toBe('false');
    for (let times = 0; times < 2; times++) await cluster.startNode(worker);
    expect(running(worker)).toBe('true');
    await expect(cluster.stopNode('another')).rejects.toThrow('the kind cluster has no node another');
  }, 240_000);

  it('switches a node off without a goodbye to whoever it talked with', async () => {
    await cluster.up(2);
    const address = docker('inspect', '--format', '{{.NetworkSettings.Networks.kind.IPAddress}}', worker);
    const kubelet = connect(10250, address);
    const heard: string[] = [];
    for (const event of ['end', 'error', 'close']) kubelet.on(event, () => heard.push(event));
    await new Promise((resolve) => kubelet.once('connect', resolve));
    await cluster.stopNode(worker);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // nothing comes: that takes a while to see
    expect(heard).toEqual([]);
    kubelet.destroy();
    await cluster.startNode(worker);
  }, 240_000);

  it("leaves the user's kubeconfig alone", async () => {
    const place = mkdtempSync(join(tmpdir(), 'kind-'));
    const kubeconfig = join(place, 'config');
    writeFileSync(kubeconfig, '# mine\n');
    for (const args of [['up', '1'], ['down']]) await tool(args, { KUBECONFIG: kubeconfig, HOME: place });
    expect(readFileSync(kubeconfig, 'utf8')).toBe('# mine\n');
    expect(existsSync(join(place, '.kube', 'config'))).toBe(false);
    rmSync(place, { recursive: true });
  }, 240_000);

  it('leaves nothing behind, and goes down twice', async () => {
    await cluster.up(1);
    expect(belongings()).toHaveLength(2);
    await cluster.down();
    await cluster.down();
    expect(belongings()).toEqual([]);
    await expect(cluster.nodes()).rejects.toThrow('the kind cluster is not up: run make cluster-up');
    await expect(cluster.loadImage('a.tar')).rejects.toThrow('the kind cluster is not up');
  }, 240_000);

  // the time of the crash is what is tested: while containers start, and while Kubernetes does
  it.each([3, 12])(
    'comes up after a start that was killed after %i seconds',
    async (seconds) => {
      await tool(['up', '2'], {}, seconds);
      await cluster.up(2);
      expect((await nodeIds()).length).toBe(2);
      await cluster.down();
      expect(belongings()).toEqual([]);
    },
    300_000,
  );

  it('says in one line how to get a node image where it has none', async () => {
    const said = await tool(['up', '1'], { KIND_NODE_IMAGE: 'nowhere.invalid/node:1' });
    expect(said).toBe(
      "error: nowhere.invalid/node:1, the node image, can't be pulled: name one that is here (docker images) in KIND_NODE_IMAGE\n",
    );
  }, 120_000);

  /** Uids of the Ready nodes: another cluster has others. */
  async function nodeIds(): Promise<string[]> {
    await kubectl().run('wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s');
    return (await kubectl().run('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.uid}')).split(' ').sort();
  }

  function kubectl(): Kubectl {
    return new Kubectl(cluster.kubeconfig());
  }
});

/** Runs the command line tool, kills it, alone, after some seconds where asked to, and returns what it wrote as errors. */
async function tool(args: string[], env: NodeJS.ProcessEnv, killAfterSeconds?: number): Promise<string> {
  // the cache of binaries stays where it is, wherever home is
  const cache = { XDG_CACHE_HOME: join(folder, '..', '..') };
  const child = spawn('node', [cli, ...args], {
    env: { ...process.env, ...cache, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const timer = killAfterSeconds && setTimeout(() => child.kill('SIGKILL'), killAfterSeconds * 1000);
  await new Promise((resolve) => child.on('exit', resolve));
  clearTimeout(timer);
  return said;
}

/** Everything of the cluster: its containers, and the folder with its kubeconfig. */
function belongings(): string[] {
  const containers = docker('ps', '--all', '--format', '{{.Names}}', '--filter', `name=${name}`);
  return [...containers.split('\n').filter(Boolean), ...(existsSync(folder) ? [folder] : [])];
}

function running(node: string): string {
  return docker('inspect', '--format', '{{.State.Running}}', node);
}

function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' }).trim();
}
