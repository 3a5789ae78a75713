import { type Kubectl } from '../cluster/kubectl';
import { runSettings } from '../../image/contents';
import { processesOf } from './processes';

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
