import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kubectl } from '../cluster/kubectl';
import { folder } from '../cluster/local/layout';
import { LocalCluster } from '../cluster/local/local-cluster';
import { projectFolder } from '../cluster/project';
import { chooseProvider } from '../cluster/provider';
import { engineAnswers } from '../cluster/kind/container-engine';

const cli = join(projectFolder, 'build', 'e2e', 'cluster', 'cli.js');

/** Everything on this machine that belongs to the local cluster, in words. */
function belongings(): string[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(pid))
    .filter((command) => command.includes(folder));
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  return [
    ...processes.map((command) => `process ${command}`),
    ...mounts.filter((mount) => mount.includes(folder)).map((mount) => `mount ${mount}`),
    ...readdirSync('/sys/class/net')
      .filter((name) => name.startsWith('nko'))
      .map((name) => `link ${name}`),
    ...readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('nats-operator-e2e'))
      .map((path) => `cgroup ${path}`),
    ...(existsSync(folder) ? [`folder ${folder}`] : []),
  ];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // gone meanwhile
  }
}

describe('the local cluster', () => {
  const cluster = new LocalCluster();

  beforeAll(async () => {
    const provider = await chooseProvider(process.env, engineAnswers);
    if (provider !== 'local')
      throw new Error(`these tests take the local cluster down and up: not with CLUSTER=${provider}`);
    await cluster.down();
  }, 60_000);

  // the suites after this one find the cluster as they expect it
  afterAll(() => cluster.up(3), 240_000);

  it('leaves nothing behind', async () => {
    await cluster.up(2);
    expect(belongings()).not.toEqual([]);
    await cluster.down();
    expect(belongings()).toEqual([]);
  }, 240_000);

  it.each([3, 6, 9])(
    'comes up after a start that was killed after %i seconds',
    async (seconds) => {
      const half = spawn('node', [cli, 'up', '2'], { env: { ...process.env, CLUSTER: 'local' }, stdio: 'ignore' });
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000)); // the time of the crash is what is tested
      half.kill('SIGKILL');
      await cluster.up(2);
      const nodes = await new Kubectl(cluster.kubeconfig()).run('get', 'nodes', '--no-headers');
      expect(nodes.match(/ Ready /g)).toHaveLength(2);
      await cluster.down();
      expect(belongings()).toEqual([]);
    },
    240_000,
  );
});
