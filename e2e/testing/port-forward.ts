import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Kubectl } from '../cluster/kubectl';

/** Lends a port of this machine that leads to a pod's port, which works from outside any cluster, for as long as `use` takes. */
export async function forwarded<T>(
  kubectl: Kubectl,
  [namespace, pod, port]: [namespace: string, pod: string, port: number],
  use: (localPort: number) => Promise<T>,
): Promise<T> {
  const child = await kubectl.spawn('port-forward', '-n', namespace, `pod/${pod}`, `:${port}`);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close');
  try {
    const [line] = (await Promise.race([
      once(createInterface(child.stdout), 'line'),
      ended.then(() => Promise.reject(new Error(`port-forward to ${pod}: ${errors.trim()}`))),
    ])) as [string];
    return await use(Number(/^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line)?.[1]));
  } finally {
    child.kill();
    await ended;
  }
}
