import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Cluster, type NodeName } from '../cluster';
import { eventually } from '../eventually';
import { Failure } from '../failure';
import { Kubectl } from '../kubectl';
import { Progress } from '../progress';
import { docker, requireEngine } from './container-engine';
import { folder, kind } from './kind-command';
import { lastLine } from './kind-output';

const name = 'nats-operator-e2e';
/** A file of its own; kind writes it when all else is done, so that it stands for a cluster that was made to the end. */
const kubeconfig = join(folder, 'kubeconfig');
const apiWithinSeconds = 60;

/**
 * Nodes as containers, made by kind (https://kind.sigs.k8s.io): the CLI from the PATH, else built with Go. The node image
 * is kind's own, or `KIND_NODE_IMAGE`. The user's kubeconfig is never touched. `down` leaves the network `kind` in the
 * engine, as kind does: other clusters may be on it.
 */
export class KindCluster implements Cluster {
  async up(count: number): Promise<void> {
    await requireEngine();
    const there = await existingNodes();
    if (there.length === count && existsSync(kubeconfig) && (await comesUp(there))) return;
    await this.down();
    mkdirSync(folder, { recursive: true });
    const config = join(folder, 'cluster.yaml');
    writeFileSync(config, stringify(clusterConfig(count)));
    const progress = new Progress(2);
    await progress.step('kind create cluster', () => create(config), 'a minute, more where images are pulled');
    await progress.step('nodes, cluster DNS and storage', async () => untilWhole(await existingNodes()));
  }

  async down(): Promise<void> {
    await requireEngine();
    // it stands in kind's way where kind was killed while it held it
    rmSync(`${kubeconfig}.lock`, { force: true });
    await kind('delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig);
    rmSync(folder, { recursive: true, force: true });
  }

  async loadImage(archive: string): Promise<void> {
    await this.nodes();
    await kind('load', 'image-archive', archive, '--name', name);
  }

  kubeconfig(): string {
    return kubeconfig;
  }

  /** The one with the control plane first: tests stop others. */
  async nodes(): Promise<NodeName[]> {
    await requireEngine();
    const nodes = await existingNodes();
    if (nodes.length === 0) throw new Failure('the kind cluster is not up: run make cluster-up');
    return nodes;
  }

  async stopNode(node: NodeName): Promise<void> {
    await this.requireNode(node);
    if (!(await runs(node))) return;
    // The cable goes first: else the kernel would close the connections of the dying processes, and their peers would
    // hear a goodbye that no power cut says.
    await docker('exec', '--privileged', node, 'ip', 'link', 'set', 'eth0', 'down');
    await docker('kill', node);
  }

  async startNode(node: NodeName): Promise<void> {
    await this.requireNode(node);
    await docker('start', node);
    await untilApiAnswers(); // it may be on that node
  }

  private async requireNode(node: NodeName): Promise<void> {
    if (!(await this.nodes()).includes(node)) throw new Failure(`the kind cluster has no node ${node}`);
  }
}

async function existingNodes(): Promise<NodeName[]> {
  const output = await kind('get', 'nodes', '--name', name);
  return output.split('\n').filter(Boolean).sort();
}

async function create(config: string): Promise<void> {
  const { KIND_NODE_IMAGE: image } = process.env;
  const options = ['--name', name, '--config', config, '--kubeconfig', kubeconfig, '--wait', '120s'];
  await kind('create', 'cluster', ...options, ...(image ? ['--image', image] : []));
}

/** Whether a cluster that is there serves, after its nodes were started where a test that was cut off left them stopped. */
async function comesUp(nodes: NodeName[]): Promise<boolean> {
  try {
    for (const node of nodes) await docker('start', node);
    await untilWhole(nodes);
    return true;
  } catch (error) {
    process.stderr.write(
      `the kind cluster that is there does not serve, so it is made anew: ${lastLine(String(error))}\n`,
    );
    return false;
  }
}

async function untilWhole(nodes: NodeName[]): Promise<void> {
  await untilApiAnswers();
  const kubectl = new Kubectl(kubeconfig);
  await kubectl.run('wait', '--for=condition=Ready', '--timeout=120s', ...nodes.map((node) => `node/${node}`));
  const rollout = ['rollout', 'status', '--timeout=120s'];
  await kubectl.run(...rollout, '-n', 'kube-system', 'deployment/coredns');
  await kubectl.run(...rollout, '-n', 'local-path-storage', 'deployment/local-path-provisioner');
}

async function untilApiAnswers(): Promise<void> {
  const kubectl = new Kubectl(kubeconfig);
  await eventually(apiWithinSeconds, () => kubectl.run('get', '--raw', '/readyz'));
}

async function runs(node: NodeName): Promise<boolean> {
  return (await docker('inspect', '--format', '{{.State.Running}}', node)) === 'true';
}

function clusterConfig(nodes: number): object {
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: Array.from({ length: nodes }, (_, index) => ({ role: index === 0 ? 'control-plane' : 'worker' })),
    // every node takes pods, the one with the control plane too: members are spread over all
    kubeadmConfigPatches: [stringify({ kind: 'InitConfiguration', nodeRegistration: { taints: [] } })],
  };
}
