import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type ControlPlane } from '../control-plane/control-plane';
import { Failure } from '../failure';
import { Daemon } from '../processes/daemon';
import { makeCgroup } from './cgroups';
import { bridge, dnsAddress, folder, nodeLayout, podNetwork, ports, type NodeLayout } from './layout';
import { connectNode, nodeNetworkCommands } from './network';

const run = promisify(execFile);
const readyWithinSeconds = 60;

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
    const kubelet = await controlPlane.kubeconfigFor(`system:node:${name}`, { group: 'system:nodes', server });
    const proxy = await controlPlane.kubeconfigFor('system:kube-proxy', { server });
    const serving = await controlPlane.authority.issue({ commonName: name, names: [name, address] });
    file('kubelet.crt', serving.certificate);
    file('kubelet.key', serving.key);
    file('containerd.toml', containerdConfig(folder));
    file('cni/10-pods.conflist', JSON.stringify(cniConfig(this.layout)));
    file('kubelet.yaml', JSON.stringify(kubeletConfig(this.layout, controlPlane.folder)));
    file('resolv.conf', 'nameserver 127.0.0.1\n'); // DNS of the cluster only
    file('init.sh', initScript(this.layout, nodes, kubernetes, { kubelet, proxy }));
  }

  /** Switches the node on; returns when its containerd answers. */
  async start(): Promise<void> {
    if (this.runs()) return;
    makeCgroup(this.layout.cgroup);
    await this.init.start();
    const { pid } = this.init;
    if (!pid) throw new Failure(`${this.layout.name} ended while starting, see ${this.init.logFile}`);
    await connectNode(this.layout, await this.process1(pid));
    const patience = Date.now() + readyWithinSeconds * 1000;
    while (!(await this.containerdAnswers())) {
      if (!this.runs() || Date.now() > patience) {
        throw new Failure(`${this.layout.name}: containerd does not answer, see ${this.layout.folder}/*.log`);
      }
      await sleep(100);
    }
  }

  /** Cuts the node's power. */
  async stop(): Promise<void> {
    await this.init.stop('SIGKILL');
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

function initScript(
  node: NodeLayout,
  nodes: number,
  kubernetes: string,
  kubeconfigs: { kubelet: string; proxy: string },
): string {
  const own = (path: string) => [
    `mkdir -p ${node.folder}/disk${path} ${path}`,
    `mount --bind ${node.folder}/disk${path} ${path}`,
  ];
  return `#!/bin/bash
set -e
# /run is in memory and empty after every start, as on a machine; the rest of the node's state is on its disk
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/lock
${['/var/lib/containerd', '/var/lib/kubelet', '/var/lib/cni', '/var/log'].flatMap(own).join('\n')}
until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done
${nodeNetworkCommands(node, nodes).join('\n')}
containerd -c ${node.folder}/containerd.toml >>${node.folder}/containerd.log 2>&1 &
until [ -S /run/containerd/containerd.sock ]; do sleep 0.05; done
${kubernetes} kubelet --config=${node.folder}/kubelet.yaml --kubeconfig=${kubeconfigs.kubelet} \\
  --hostname-override=${node.name} --node-ip=${node.address} >>${node.folder}/kubelet.log 2>&1 &
${kubernetes} kube-proxy --kubeconfig=${kubeconfigs.proxy} --hostname-override=${node.name} --proxy-mode=nftables \\
  --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0 \\
  --cluster-cidr=${podNetwork} >>${node.folder}/kube-proxy.log 2>&1 &
wait
`;
}

function containerdConfig(folder: string): string {
  return `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "local/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
}

function cniConfig(node: NodeLayout): object {
  const addresses = {
    type: 'host-local',
    // in memory: after a power cut no pod has an address any more
    dataDir: '/run/cni-addresses',
    ranges: [[{ subnet: node.pods }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, hairpinMode: true, ipam: addresses },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function kubeletConfig(node: NodeLayout, controlPlaneFolder: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: node.cgroup,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    clusterDNS: [dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: join(node.folder, 'resolv.conf'),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(controlPlaneFolder, 'pki', 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(node.folder, 'kubelet.crt'),
    tlsPrivateKeyFile: join(node.folder, 'kubelet.key'),
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    localStorageCapacityIsolation: false,
    nodeStatusUpdateFrequency: '5s',
  };
}
