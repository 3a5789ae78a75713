import { readdirSync, readFileSync } from 'node:fs';
import { type Kubectl } from '../cluster/kubectl';
import { runSettings } from '../../image/contents';

const program = runSettings.entrypoint.at(-1) ?? '';

/**
 * Kills all replicas of the operator at once, by SIGKILL where this machine sees their processes (a local cluster, or kind on
 * Linux), so that none can give its lease away. Elsewhere they are deleted by force, which leaves them a second.
 * Returns how many processes were killed.
 */
export async function killOperator(kubectl: Kubectl): Promise<number> {
  const replicas = processesOf(program);
  for (const pid of replicas) process.kill(pid, 'SIGKILL');
  // fresh pods start at once, while kubelet waits longer after each crash of a container
  const selector = ['-n', 'default', '--selector', 'app.kubernetes.io/name=nats-operator'];
  await kubectl.run('delete', 'pods', ...selector, '--grace-period=0', '--force');
  return replicas.length;
}

/** Processes of this machine, in whatever container, with that argument. */
function processesOf(argument: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && commandLine(pid).includes(argument));
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // it ended meanwhile, or is not ours to look at
  }
}
