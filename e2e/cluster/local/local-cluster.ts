import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binaries } from '../binaries/binaries';
import { type Cluster, type NodeName } from '../cluster';
import { ControlPlane } from '../control-plane/control-plane';
import { Failure } from '../failure';
import { systemArchive } from '../images/archives';
import { daemonIn, stopDaemons } from '../processes/daemon';
import { Progress } from '../progress';
import { addons } from './addons';
import { bridge, cgroup, dnsAddress, folder, ports } from './layout';
import { removeCgroup } from './cgroups';
import { installPackages, requireFreeNetworks, requireFreePorts, requireRoot } from './machine';
import { makeBridge, removeBridge } from './network';
import { Node } from './node';

const sizeFile = join(folder, 'nodes');
const controlPlaneFolder = join(folder, 'control-plane');
const kubeconfigFile = join(controlPlaneFolder, 'admin.kubeconfig');
const dnsWithinSeconds = 60;

/**
 * A Kubernetes of this machine's own: control plane as processes, nodes as namespaces (see `Node`). Needs root on Linux,
 * and no container engine. Its state is in one folder; what a killed run left there is cleared by the next `up` or `down`.
 */
export class LocalCluster implements Cluster {
  async up(count: number): Promise<void> {
    requireRoot();
    if (this.size() === count && this.runs()) return;
    const progress = new Progress(7 + count);
    await progress.step('Debian packages', installPackages, 'a minute where they must be installed');
    const { kubernetes } = await binaries('kubernetes', 'etcd', 'coredns', 'pause', 'local-path-provisioner');
    const images = await progress.step('system images', systemArchive);
    await progress.step('clear what was left', () => this.down());
    await requireFreePorts();
    await requireFreeNetworks();
    mkdirSync(folder, { recursive: true });
    await progress.step('network', makeBridge);
    const controlPlane = await progress.step('control plane', async () => {
      const made = await ControlPlane.prepare({
        folder: controlPlaneFolder,
        ports,
        address: bridge.address,
        flags: { controllerManager: { 'node-monitor-grace-period': '40s' } },
      });
      await made.start();
      return made;
    });
    const nodes = Array.from({ length: count }, (_, index) => new Node(index + 1));
    await Promise.all(
      nodes.map((node) =>
        progress.step(`${node.layout.name} with its images`, async () => {
          await node.prepare(controlPlane, kubernetes, count);
          await node.start();
          await node.loadImages(images);
        }),
      ),
    );
    await progress.step('all nodes Ready', async () => {
      const names = nodes.map((node) => `node/${node.layout.name}`);
      await controlPlane.kubectl('wait', '--for=create', ...names, '--timeout=60s');
      await controlPlane.kubectl('wait', '--for=condition=Ready', ...names, '--timeout=60s');
    });
    await progress.step('cluster DNS and storage', async () => {
      // not before the images are there: the kubelet asks again for a missing one only after 10 s
      const manifest = join(folder, 'addons.yaml');
      writeFileSync(manifest, addons());
      await controlPlane.kubectl('apply', '--server-side', '-f', manifest);
      const rollout = ['rollout', 'status', '-n', 'kube-system', '--timeout=120s'];
      await controlPlane.kubectl(...rollout, 'deployment/coredns');
      await controlPlane.kubectl(...rollout, 'deployment/local-path-provisioner');
      await Promise.all(nodes.map((node) => untilDnsAnswers(node)));
    });
    writeFileSync(sizeFile, String(count));
  }

  async down(): Promise<void> {
    requireRoot();
    if (existsSync(folder)) {
      // nodes first: the end of a node's process 1 is the end of all in it
      await Promise.all(Array.from({ length: 9 }, (_, index) => new Node(index + 1).stop()));
      await Promise.all([join(folder, 'control-plane')].filter(existsSync).map((place) => stopDaemons(place)));
    }
    await removeBridge();
    await removeCgroup(cgroup);
    rmSync(folder, { recursive: true, force: true });
  }

  async loadImage(archive: string): Promise<void> {
    await Promise.all(this.running().map((node) => node.loadImages(archive)));
  }

  kubeconfig(): string {
    return kubeconfigFile;
  }

  nodes(): Promise<NodeName[]> {
    // where there is no cluster it rejects, as every other method does, rather than throw at once
    return Promise.resolve().then(() => this.all().map((node) => node.layout.name));
  }

  async stopNode(name: NodeName): Promise<void> {
    await this.node(name).stop();
  }

  async startNode(name: NodeName): Promise<void> {
    await this.node(name).start();
  }

  /** Number of nodes that came up completely; 0 where none did. */
  private size(): number {
    return existsSync(sizeFile) ? Number(readFileSync(sizeFile, 'utf8')) : 0;
  }

  private all(): Node[] {
    const count = this.size();
    if (count === 0) throw new Failure('the local cluster is not up: run make cluster-up');
    return Array.from({ length: count }, (_, index) => new Node(index + 1));
  }

  private running(): Node[] {
    return this.all().filter((node) => node.runs());
  }

  private node(name: NodeName): Node {
    const found = this.all().find((node) => node.layout.name === name);
    if (!found) throw new Failure(`the local cluster has no node ${name}`);
    return found;
  }

  private runs(): boolean {
    const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
    return (
      components.every((name) => daemonIn(controlPlaneFolder, name).pid) && this.all().every((node) => node.runs())
    );
  }
}

async function untilDnsAnswers(node: Node): Promise<void> {
  const patience = Date.now() + dnsWithinSeconds * 1000;
  const lookUp = () => node.inside('busybox', 'nslookup', 'kubernetes.default.svc.cluster.local', dnsAddress);
  for (;;) {
    const answer = await lookUp().catch((error: unknown) => String(error));
    if (answer.includes('10.96.0.1')) return;
    if (Date.now() > patience) throw new Failure(`${node.layout.name}: cluster DNS does not answer: ${answer}`);
    await sleep(200);
  }
}
