import { existsSync } from 'node:fs';
import { type Cluster, type NodeName } from './cluster';
import { Failure } from './failure';
import { Kubectl } from './kubectl';

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
    const found = await this.nodes();
    if (found.length < nodes) {
      throw new Failure(
        `the cluster of ${this.path} has ${found.length} nodes, ${nodes} are needed: set NODES or add some`,
      );
    }
  }

  down(): Promise<void> {
    return Promise.resolve(); // not ours to take down
  }

  /** Its nodes pull images from where they always do: the images of tests must be there under their names. */
  loadImage(): Promise<void> {
    return Promise.resolve();
  }

  kubeconfig(): string {
    return this.path;
  }

  async nodes(): Promise<NodeName[]> {
    const kubectl = new Kubectl(this.path);
    const names = await kubectl.run('get', 'nodes', '-o', 'name').catch((error: unknown) => {
      throw new Failure(`the cluster of ${this.path} does not answer: ${firstLine(error)}`);
    });
    return names
      .trim()
      .split('\n')
      .map((name) => name.replace('node/', ''));
  }

  stopNode(node: NodeName): Promise<void> {
    return Promise.reject(new Failure(`${node} is not ours to stop: leave out the tests that lose nodes`));
  }

  startNode(node: NodeName): Promise<void> {
    return Promise.reject(new Failure(`${node} is not ours to start`));
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.trim().split('\n').at(-1) ?? '';
}
