import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Below the ports that kernels give to outgoing connections (Linux from 32768, others from 49152): of those, any may be taken
 * between the moment when it is found free and the one when a server listens on it. From 30000 on there are node ports.
 */
const range = [10_000, 30_000] as const;
/** Test processes that run side by side have different numbers (jest), and so never find the same port free. */
const shares = 10;
const size = (range[1] - range[0]) / shares;
const first = range[0] + (Number(process.env.JEST_WORKER_ID ?? 0) % shares) * size;
let next = randomInt(size);

/**
 * `count` different TCP ports that nobody listens on at 127.0.0.1 right now. Each is another one than all that this process got
 * before, on which nobody may listen yet.
 */
export async function freePorts(count: number): Promise<number[]> {
  const free: number[] = [];
  while (free.length < count) {
    const port = first + (next++ % size);
    if (await isFree(port)) free.push(port);
  }
  return free;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
