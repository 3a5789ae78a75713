import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Cluster, type NodeName } from './cluster';
import { Failure } from './failure';
import { Kubectl } from './kubectl';

const run = promisify(execFile);

interface NodeObject {
  metadata: { name: string };
  spec: { unschedulable?: boolean; taints?: { effect: string }[] };
  status: { conditions?: { type: string; status: string }[] };
}

/** A cluster that somebody else runs, named by `CLUSTER_KUBECONFIG`: tests use it, and never start, stop or change its nodes. */
export class ExistingCluster implements Cluster {
  private readonly path: string;

  constructor(env: { CLUSTER_KUBECONFIG?: string } = process.env) {
    const { CLUSTER_KUBECONFIG: path } = env;
    if (!path) throw new Failure('CLUSTER=existing needs CLUSTER_KUBECONFIG, the path of a kubeconfig');
    if (!existsSync(path)) throw new Failure(`CLUSTER_KUBECONFIG=${path}: no such file`);
    this.path = path;
  }

  async up(nodes: number): Promise<void> {
    const { length: found } = await this.nodes();
    if (found < nodes) {
      throw new Failure(
        `the cluster of ${this.path} has ${found} nodes that take pods, ${nodes} are needed: set NODES`,
      );
    }
  }

  down(): Promise<void> {
    return Promise.resolve(); // not ours to take down
  }

  /** Its nodes pull images from where they always do: says which ones they must find there. */
  async loadImage(archive: string): Promise<void> {
    const { stdout } = await run('tar', ['-xOf', archive, 'manifest.json']);
    const images = (JSON.parse(stdout) as { RepoTags: string[] }[]).flatMap(({ RepoTags: tags }) => tags);
    console.log(`Nothing is loaded into a cluster that somebody else runs. Its nodes must find: ${images.join(', ')}`);
  }

  kubeconfig(): string {
    return this.path;
  }

  /** The nodes that are Ready and take any pod. */
  async nodes(): Promise<NodeName[]> {
    const kubectl = new Kubectl(this.path);
    const { items } = await kubectl.get<{ items: NodeObject[] }>('nodes').catch((error: unknown) => {
      throw new Failure(`the cluster of ${this.path} does not answer: ${lastLine(error)}`, { cause: error });
    });
    return items
      .filter(takesPods)
      .map((node) => node.metadata.name)
      .sort();
  }

  stopNode(node: NodeName): Promise<void> {
    return Promise.reject(new Failure(`${node} is not ours to stop: somebody else runs this cluster`));
  }

  startNode(node: NodeName): Promise<void> {
    return Promise.reject(new Failure(`${node} is not ours to start: somebody else runs this cluster`));
  }
}

function takesPods({ spec, status }: NodeObject): boolean {
  const ready = status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  const tainted = spec.taints?.some((taint) => taint.effect !== 'PreferNoSchedule');
  return ready === true && !tainted && !spec.unschedulable;
}

function lastLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.trim().split('\n').at(-1) ?? '';
}
