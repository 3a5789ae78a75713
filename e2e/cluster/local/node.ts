import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type ControlPlane } from '../control-plane/control-plane';
import { Failure } from '../failure';
import { isAlive } from '../processes/alive';
import { Daemon } from '../processes/daemon';
import { makeCgroup } from './cgroups';
import { bridge, folder, nodeLayout, ports, type NodeLayout } from './layout';
import { connectNode, disconnectNode } from './network';
import { cniConfig, containerdConfig, initScript, kubeletConfig, type NodeInputs } from './node-files';

const run = promisify(execFile);
const readyWithinSeconds = 60;
const goneWithinSeconds = 30;

/**
 * A node: process, mount and network namespaces of its own, in which containerd, kubelet and kube-proxy run as on a
 * machine. Process 1 of the namespaces is a shell script; with its end the kernel ends every process of the node and
 * takes its mounts and its network away, so that a stop is a power cut and leaves nothing behind.
 */
export class Node {
  readonly layout: NodeLayout;
  private readonly init: Daemon;

  constructor(index: number) {
    this.layout = nodeLayout(index);
    this.init = new Daemon({
      name: this.layout.name,
      folder,
      command: [
        'unshare',
        ...['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
        ...['bash', join(this.layout.folder, 'init.sh')],
      ],
    });
  }

  runs(): boolean {
    return this.init.pid !== undefined;
  }

  /** Writes the node's files. `nodes` is the number of nodes in the cluster. */
  async prepare(controlPlane: ControlPlane, kubernetes: string, nodes: number): Promise<void> {
    const { folder, name, address } = this.layout;
    mkdirSync(join(folder, 'cni'), { recursive: true });
    const file = (path: string, content: string) => {
      writeFileSync(join(folder, path), content, { mode: 0o600 });
    };
    const server = `https://${bridge.address}:${ports.api}`;
    const inputs: NodeInputs = {
      layout: this.layout,
      nodes,
      kubernetes,
      kubeconfigs: {
        kubelet: await controlPlane.kubeconfigFor(`system:node:${name}`, { group: 'system:nodes', server }),
        proxy: await controlPlane.kubeconfigFor('system:kube-proxy', { server }),
      },
      clientAuthority: join(controlPlane.folder, 'pki', 'ca.crt'),
    };
    const serving = await controlPlane.authority.issue({ commonName: name, names: [name, address] });
    file('kubelet.crt', serving.certificate);
    file('kubelet.key', serving.key);
    file('containerd.toml', containerdConfig(inputs));
    file('cni/10-pods.conflist', JSON.stringify(cniConfig(inputs)));
    file('kubelet.yaml', JSON.stringify(kubeletConfig(inputs)));
    file('resolv.conf', 'nameserver 127.0.0.1\n'); // DNS of the cluster only
    file('init.sh', initScript(inputs));
  }

  /** Switches the node on; returns when its containerd answers. */
  async start(): Promise<void> {
    if (this.runs()) return;
    makeCgroup(this.layout.cgroup);
    await this.init.start();
    const { pid } = this.init;
    if (!pid) throw new Failure(`${this.layout.name} ended while starting: ${this.init.logTail()}`);
    await connectNode(this.layout, await this.process1(pid));
    const patience = Date.now() + readyWithinSeconds * 1000;
    while (!(await this.containerdAnswers())) {
      if (!this.runs() || Date.now() > patience) {
        throw new Failure(`${this.layout.name}: containerd does not answer, see ${this.layout.folder}/*.log`);
      }
      await sleep(100);
    }
  }

  /**
   * Cuts the node's power; returns when nothing of it runs. The cable goes first: else the kernel would close the
   * connections of the dying processes, and their peers would hear a goodbye that no power cut says.
   */
  async stop(): Promise<void> {
    await disconnectNode(this.layout);
    const { pid } = this.init;
    const process1 = pid && firstChild(pid);
    await this.init.stop('SIGKILL');
    if (process1) await this.untilGone(process1);
  }

  /** Takes in the images of a docker archive. */
  async loadImages(archive: string): Promise<void> {
    await this.inside('ctr', '-n', 'k8s.io', 'images', 'import', archive);
  }

  /** Runs a program in the node and returns what it prints. */
  async inside(program: string, ...args: string[]): Promise<string> {
    const { pid } = this.init;
    if (!pid) throw new Failure(`${this.layout.name} does not run`);
    const target = String(firstChild(pid));
    const { stdout } = await run('nsenter', ['-t', target, '--mount', '--net', '--pid', '--', program, ...args]);
    return stdout;
  }

  private containerdAnswers(): Promise<boolean> {
    return this.inside('ctr', 'version').then(
      () => true,
      () => false,
    );
  }

  /** Process 1 of the node as this machine numbers it: once it runs, unshare is inside the new namespaces. */
  private async process1(unshare: number): Promise<number> {
    const patience = Date.now() + readyWithinSeconds * 1000;
    let child = firstChild(unshare);
    while (child === undefined) {
      if (Date.now() > patience) throw new Failure(`${this.layout.name} did not start, see ${this.init.logFile}`);
      await sleep(20);
      child = firstChild(unshare);
    }
    return child;
  }

  // pid_namespaces(7): process 1 goes only after every other process of its namespace
  private async untilGone(process1: number): Promise<void> {
    const patience = Date.now() + goneWithinSeconds * 1000;
    while (isAlive(process1)) {
      if (Date.now() > patience) throw new Failure(`${this.layout.name} does not end: process ${process1} hangs`);
      await sleep(20);
    }
  }
}

function firstChild(pid: number): number | undefined {
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const [child] = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ');
      if (child) return Number(child);
    }
  } catch {
    // gone meanwhile
  }
  return undefined;
}
