import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { eventually } from '../cluster/eventually';
import { type Kubectl } from '../cluster/kubectl';

type Target = readonly [namespace: string, pod: string, port: number];

/**
 * Lends a port of this machine that leads to a pod's port, which works from outside any cluster, for as long as `use` takes.
 * Each connection has a `kubectl port-forward` of its own: one that had a connection which the server cut, as it does with
 * whom it refuses, may forward nothing more. The first is there before `use` begins: who gives a server a second to say
 * something must not lose it to the start of kubectl.
 */
export async function forwarded<T>(
  kubectl: Kubectl,
  target: Target,
  use: (localPort: number) => Promise<T>,
): Promise<T> {
  // a pod that has just been started may not take one yet
  const ready = [await eventually(15, () => Forward.start(kubectl, target))];
  const failures: string[] = [];
  const open = new Map<Socket, Promise<void>>();
  const relay = createServer((client) => {
    const forwarding = forward(ready.pop() ?? Forward.start(kubectl, target), client).catch((error: unknown) => {
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
    await Promise.all([...open.values(), ...ready.map((unused) => unused.end())]);
  }
}

async function forward(forwarding: Forward | Promise<Forward>, client: Socket): Promise<void> {
  // what comes before the way is open waits in the socket
  client.pause();
  const way = await forwarding;
  try {
    const server = connect(way.port, '127.0.0.1');
    await once(server, 'connect');
    // that one side ends with an error is for those who talk to see
    await Promise.allSettled([pipeline(client, server), pipeline(server, client)]);
  } finally {
    await way.end();
  }
}

/** A `kubectl port-forward` that is ready for a connection. */
class Forward {
  private constructor(
    readonly port: number,
    /** Ends it; returns when it is gone. */
    readonly end: () => Promise<void>,
  ) {}

  static async start(kubectl: Kubectl, [namespace, pod, port]: Target): Promise<Forward> {
    const child = await kubectl.spawn('port-forward', '-n', namespace, `pod/${pod}`, `:${port}`);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const ended = once(child, 'close');
    const end = async () => {
      child.kill();
      await ended;
    };
    try {
      const [line] = (await Promise.race([
        once(createInterface(child.stdout), 'line'),
        ended.then(() => Promise.reject(new Error(`port-forward to ${pod}: ${errors.trim()}`))),
      ])) as [string];
      return new Forward(Number(/^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line)?.[1]), end);
    } catch (error) {
      await end();
      throw error;
    }
  }
}
