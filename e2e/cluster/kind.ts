import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { binaries, cacheFolder } from './binaries/binaries';
import { type Cluster, type NodeName } from './cluster';
import { Failure } from './failure';
import { Kubectl } from './kubectl';
import { Progress } from './progress';

const run = promisify(execFile);
const name = 'nats-operator-e2e';
const folder = join(cacheFolder, 'kind');
const kubeconfig = join(folder, 'kubeconfig');

/**
 * Nodes as containers, made by kind (https://kind.sigs.k8s.io): the CLI from the PATH, else built with Go. The node image
 * is kind's own, or `KIND_NODE_IMAGE`. Its kubeconfig is a file of its own; the user's is never touched.
 */
export class KindCluster implements Cluster {
  async up(count: number): Promise<void> {
    await requireEngine();
    const existing = await this.existingNodes();
    if (existing.length === count && (await this.answers())) return;
    const progress = new Progress(3);
    if (existing.length > 0) await this.down();
    mkdirSync(folder, { recursive: true });
    const config = join(folder, 'cluster.yaml');
    writeFileSync(config, stringify(clusterConfig(count)));
    await progress.step('kind create cluster', () => this.create(config), 'a minute, more where images are pulled');
    const kubectl = new Kubectl(kubeconfig);
    // every node takes pods, the one with the control plane too: members are spread over all
    await kubectl
      .run('taint', 'nodes', '--all', 'node-role.kubernetes.io/control-plane-', '--overwrite')
      .catch(noTaint);
    await progress.step('all nodes Ready', () =>
      kubectl.run('wait', '--for=condition=Ready', 'node', '--all', '--timeout=120s'),
    );
    await progress.step('cluster DNS and storage', async () => {
      const rollout = ['rollout', 'status', '--timeout=120s'];
      await kubectl.run(...rollout, '-n', 'kube-system', 'deployment/coredns');
      await kubectl.run(...rollout, '-n', 'local-path-storage', 'deployment/local-path-provisioner');
    });
  }

  async down(): Promise<void> {
    await requireEngine();
    await kind('delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig);
  }

  async loadImage(archive: string): Promise<void> {
    await kind('load', 'image-archive', archive, '--name', name);
  }

  kubeconfig(): string {
    return kubeconfig;
  }

  nodes(): Promise<NodeName[]> {
    return this.existingNodes();
  }

  async stopNode(node: NodeName): Promise<void> {
    await docker('kill', node);
  }

  async startNode(node: NodeName): Promise<void> {
    await docker('start', node);
    // the API server may be on that node
    const patience = Date.now() + 60_000;
    while (!(await this.answers())) {
      if (Date.now() > patience) throw new Failure(`the API server does not answer after ${node} was started`);
      await sleep(250);
    }
  }

  private async create(config: string): Promise<void> {
    const image = process.env.KIND_NODE_IMAGE;
    const options = ['--name', name, '--config', config, '--kubeconfig', kubeconfig, '--wait', '120s'];
    try {
      await kind('create', 'cluster', ...options, ...(image ? ['--image', image] : []));
    } catch (error) {
      await this.down();
      const reason = String(error);
      if (/pull/.test(reason)) {
        throw new Failure("kind can't pull its node image: name one that is there already in KIND_NODE_IMAGE", {
          cause: error,
        });
      }
      throw error;
    }
  }

  /** Nodes, the one with the control plane first: tests stop others. */
  private async existingNodes(): Promise<NodeName[]> {
    const output = await kind('get', 'nodes', '--name', name);
    const names = output.split('\n').filter((line) => line.startsWith(name));
    return names.sort(
      (a, b) => Number(b.includes('control-plane')) - Number(a.includes('control-plane')) || (a < b ? -1 : 1),
    );
  }

  private answers(): Promise<boolean> {
    return new Kubectl(kubeconfig).run('get', '--raw', '/readyz').then(
      () => true,
      () => false,
    );
  }
}

/** Whether a container engine answers on this machine. */
export function engineAnswers(): Promise<boolean> {
  return docker('version').then(
    () => true,
    () => false,
  );
}

async function requireEngine(): Promise<void> {
  if (!(await engineAnswers())) throw new Failure('CLUSTER=kind needs a container engine: docker version must answer');
}

async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args)).stdout;
}

async function kind(...args: string[]): Promise<string> {
  const program = (await onPath('kind')) ? 'kind' : (await binaries('kind')).kind;
  const { stdout } = await run(program, args, { maxBuffer: 64 * 1024 * 1024 }).catch((error: unknown) => {
    throw new Failure(`kind ${args.slice(0, 2).join(' ')} failed: ${lastLines(error)}`, { cause: error });
  });
  return stdout;
}

function onPath(program: string): Promise<boolean> {
  return run(program, ['version']).then(
    () => true,
    () => false,
  );
}

function lastLines(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.trim().split('\n').slice(-3).join(' | ');
}

function clusterConfig(nodes: number): object {
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: Array.from({ length: nodes }, (_, index) => ({ role: index === 0 ? 'control-plane' : 'worker' })),
  };
}

function noTaint(error: unknown): void {
  if (!String(error).includes('not found')) throw error;
}
