import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { type Kubectl } from '../cluster/kubectl';

type Target = readonly [namespace: string, pod: string, port: number];

/**
 * Lends a port of this machine that leads to a pod's port, which works from outside any cluster, for as long as `use` takes.
 * Each connection has a `kubectl port-forward` of its own: one that had a connection which the server cut, as it does with
 * whom it refuses, may forward nothing more.
 */
export async function forwarded<T>(
  kubectl: Kubectl,
  target: Target,
  use: (localPort: number) => Promise<T>,
): Promise<T> {
  const failures: string[] = [];
  const open = new Map<Socket, Promise<void>>();
  const relay = createServer((client) => {
    const forwarding = forward(kubectl, target, client).catch((error: unknown) => {
      failures.push(String(error));
      client.destroy();
    });
    open.set(client, forwarding);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  try {
    return await use((relay.address() as AddressInfo).port);
  } catch (error) {
    if (failures.length === 0) throw error;
    throw new Error(`${String(error)}; ${failures.join('; ')}`, { cause: error });
  } finally {
    relay.close();
    for (const client of open.keys()) client.destroy();
    await Promise.all(open.values());
  }
}

async function forward(kubectl: Kubectl, [namespace, pod, port]: Target, client: Socket): Promise<void> {
  // what comes before the way is open waits in the socket
  client.pause();
  const child = await kubectl.spawn('port-forward', '-n', namespace, `pod/${pod}`, `:${port}`);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close');
  try {
    const [line] = (await Promise.race([
      once(createInterface(child.stdout), 'line'),
      ended.then(() => Promise.reject(new Error(`port-forward to ${pod}: ${errors.trim()}`))),
    ])) as [string];
    const server = connect(Number(/^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line)?.[1]), '127.0.0.1');
    await once(server, 'connect');
    // that one side ends with an error is for those who talk to see
    await Promise.allSettled([pipeline(client, server), pipeline(server, client)]);
  } finally {
    child.kill();
    await ended;
  }
}
