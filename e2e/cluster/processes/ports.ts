import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Below the ports that kernels give to outgoing connections (Linux from 32768, others from 49152): of those, any may be taken
 * between the moment when it is found free and the one when a server listens on it. From 30000 on there are node ports.
 */
const range = [10_000, 30_000] as const;

/** `count` different TCP ports that nobody listens on at 127.0.0.1 right now. */
export async function freePorts(count: number): Promise<number[]> {
  // all are held open until the last is found, so that none comes twice
  const held = new Map<number, Server>();
  while (held.size < count) {
    const port = randomInt(...range);
    const server = held.has(port) ? undefined : await listen(port);
    if (server) held.set(port, server);
  }
  await Promise.all([...held.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  return [...held.keys()];
}

/** A server on that port; undefined where it is taken. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
