import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { binaries } from './binaries/binaries';
import { type Cluster } from './cluster';

/** Shell commands that make `kubectl` talk to the cluster, indented; where this machine has no kubectl, with ours. */
export async function howToUse(cluster: Cluster): Promise<string> {
  const lines = [`  export KUBECONFIG=${cluster.kubeconfig()}`];
  if (!isOnPath('kubectl')) {
    const { kubernetes } = await binaries('kubernetes');
    lines.push(`  alias kubectl='${kubernetes} kubectl'`);
  }
  return lines.join('\n') + '\n';
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
