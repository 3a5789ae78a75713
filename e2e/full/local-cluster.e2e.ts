import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemImages, testArchive } from '../cluster/images/archives';
import { Kubectl } from '../cluster/kubectl';
import { folder, nodeLayout } from '../cluster/local/layout';
import { LocalCluster } from '../cluster/local/local-cluster';
import { projectFolder } from '../cluster/project';

const cli = join(projectFolder, 'build', 'e2e', 'cluster', 'cli.js');

/** Where daemons of a node would write if they were not kept from it. */
const foreignFolders = [
  ...['/var/lib/kubelet', '/var/lib/containerd', '/var/lib/cni', '/opt/containerd', '/usr/libexec/kubernetes'],
  ...['/run/containerd', '/run/netns', '/etc/cni', '/etc/kubernetes'],
];
const before = foreignFolders.filter(existsSync);

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
if (!isRoot) console.warn('skipped: the local cluster needs root on Linux');

(isRoot ? describe : describe.skip)('the local cluster', () => {
  const cluster = new LocalCluster();
  let size = 0;

  beforeAll(async () => {
    size = (await cluster.nodes().catch(() => [])).length;
    await cluster.down();
  }, 60_000);

  // the suites after this one find what was there
  afterAll(async () => {
    if (size === 0) return cluster.down();
    await cluster.up(size);
    await cluster.loadImage(await testArchive());
  }, 240_000);

  it('leaves nothing behind', async () => {
    await cluster.up(2);
    const there = belongings().map((belonging) => belonging.split(' ')[0]);
    for (const kind of ['process', 'link', 'route', 'rule', 'cgroup', 'folder']) expect(there).toContain(kind);
    await cluster.down();
    expect(belongings()).toEqual([]);
  }, 120_000);

  it('is taken down twice without complaint', async () => {
    await cluster.down();
    await cluster.down();
    expect(belongings()).toEqual([]);
  }, 60_000);

  it.each([
    ['clear what was left', 0],
    ['network', 0],
    ['network', 2],
    ['control plane', 0],
    ['control plane', 2],
    ['all nodes Ready', 0],
    ['all nodes Ready', 1],
  ])(
    'leaves nothing behind when its start is killed after "%s" and %i more seconds',
    async (step, seconds) => {
      await killedAfter(step, seconds, 'up', '2');
      await cluster.down();
      expect(belongings()).toEqual([]);
    },
    120_000,
  );

  it('comes up after two starts and a stop that were killed', async () => {
    await killedAfter('control plane', 0, 'up', '2');
    await killedAfter('control plane', 3, 'up', '2');
    await killedAfter('', 0.5, 'down');
    await cluster.up(2);
    expect(await readyNodes()).toBe(2);
  }, 240_000);

  it('brings back a node that is switched off and on at once, again and again', async () => {
    await cluster.up(2);
    for (let times = 0; times < 3; times++) {
      await cluster.stopNode('node2');
      await cluster.startNode('node2');
    }
    await runsPods('node2');
  }, 180_000);

  it('switches a node off without a goodbye to whoever it talked with', async () => {
    await cluster.up(2);
    const kubelet = connect(10250, nodeLayout(2).address);
    const heard: string[] = [];
    for (const event of ['end', 'error', 'close']) kubelet.on(event, () => heard.push(event));
    await once(kubelet, 'connect');
    await cluster.stopNode('node2');
    await setTimeout(1000); // nothing comes: that takes a while to see
    expect(heard).toEqual([]);
    kubelet.destroy();
    await cluster.startNode('node2');
  }, 120_000);

  it('brings back a node whose kubelet and containerd crashed', async () => {
    await cluster.up(2);
    for (const program of ['kubelet', 'containerd']) {
      const [victim] = processes().filter(({ command }) => command.includes(`node2/${program}.`));
      process.kill(victim!.pid, 'SIGKILL');
    }
    await runsPods('node2');
  }, 180_000);

  /** Waits for a new pod to end well there; that the node is Ready may still be what it said before it failed. */
  async function runsPods(node: string): Promise<void> {
    const kubectl = new Kubectl(cluster.kubeconfig());
    await kubectl.run('delete', 'pod', 'probe', '--ignore-not-found', '--force', '--grace-period=0');
    await kubectl.apply(probe(node));
    await kubectl.run('wait', 'pod/probe', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s');
  }

  async function readyNodes(): Promise<number> {
    const nodes = await new Kubectl(cluster.kubeconfig()).run('get', 'nodes', '--no-headers');
    return nodes.match(/ Ready /g)?.length ?? 0;
  }
});

/** Runs the command line tool and kills it, alone, as the kernel does when memory is short: so long after that step of it. */
async function killedAfter(step: string, seconds: number, ...args: string[]): Promise<void> {
  const half = spawn('node', [cli, ...args], {
    env: { ...process.env, CLUSTER: 'local' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  const reached = new Promise<void>((resolve) => {
    if (step === '') resolve();
    half.stderr.on('data', (lines: Buffer) => {
      printed += lines.toString();
      if (printed.includes(step)) resolve();
    });
  });
  const ended = once(half, 'exit');
  await Promise.race([reached, ended]);
  await setTimeout(seconds * 1000); // how long after it is what is tested
  half.kill('SIGKILL');
  await ended;
  expect(printed).toContain(step);
}

/** A pod that looks up a name in the cluster's DNS and ends. */
function probe(node: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'probe', namespace: 'default' },
    spec: {
      nodeName: node,
      restartPolicy: 'OnFailure',
      containers: [
        {
          name: 'probe',
          image: systemImages.busybox,
          imagePullPolicy: 'Never',
          command: ['nslookup', 'kubernetes.default.svc.cluster.local'],
        },
      ],
    },
  };
}

/** Everything on this machine that belongs to the local cluster, in words. */
function belongings(): string[] {
  const output = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' }).split('\n');
  return [
    ...processes().map(({ command }) => `process ${command}`),
    ...readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(folder))
      .map((line) => `mount ${line}`),
    ...readdirSync('/sys/class/net')
      .filter((name) => name.startsWith('nko'))
      .map((name) => `link ${name}`),
    ...output('ip', 'route')
      .filter((line) => /10\.89\.0\.|10\.244\./.test(line))
      .map((line) => `route ${line}`),
    ...output('iptables', '-S')
      .filter((line) => line.includes('nko0'))
      .map((line) => `rule ${line}`),
    ...['', ...readdirSync('/sys/fs/cgroup')]
      .map((hierarchy) => join('/sys/fs/cgroup', hierarchy, 'nats-operator-e2e'))
      .filter(existsSync)
      .map((path) => `cgroup ${path}`),
    ...[folder, ...foreignFolders]
      .filter((path) => existsSync(path) && !before.includes(path))
      .map((path) => `folder ${path}`),
  ];
}

/** Processes of control plane and nodes, and those in pods: their mounts come from the cluster's folder. */
function processes(): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      command: procFile(name, 'cmdline').replaceAll('\0', ' '),
      mounts: procFile(name, 'mountinfo'),
    }))
    .filter(({ command, mounts }) => command.includes(folder) || mounts.includes(folder));
}

function procFile(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}
