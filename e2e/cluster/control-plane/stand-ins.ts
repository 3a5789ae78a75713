import { createServer, type Server } from 'node:http';

/** What a stand-in answers to `/varz` and `/routez`; 503 where undefined. */
export type Answer = (ip: string, path: string) => object | undefined;

const port = 8222;
const addresses = 254;

/**
 * Monitoring ports of NATS servers for the pods of KWOK nodes, which have none: every address of a loopback network answers
 * on port 8222 as a server that has routes to all others would.
 */
export class StandIns {
  private constructor(
    /** The network for the pods, such as `127.64.0.0/24`; nobody else has it. */
    readonly network: string,
    private readonly servers: readonly Server[],
  ) {}

  /** Starts them in a network that is free. `answer` makes them say something else. */
  static async start(answer: Answer = whole): Promise<StandIns> {
    for (let second = 64; second < 255; second++) {
      const [first, ...others] = ipsOf(second);
      if (!first) continue;
      try {
        // who has the first address has the network
        const servers = [await listen(first, answer)];
        servers.push(...(await Promise.all(others.map((ip) => listen(ip, answer)))));
        return new StandIns(`127.${second}.0.0/24`, servers);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
    throw new Error(`port ${port} is taken in all of 127.64.0.0 to 127.254.0.0`);
  }

  /** Closes all ports. */
  stop(): void {
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}

function ipsOf(second: number): string[] {
  return Array.from({ length: addresses }, (_, index) => `127.${second}.0.${index + 1}`);
}

/** What a server of a whole mesh answers. */
export function whole(ip: string, path: string): object {
  if (path !== '/routez') return { server_id: `server at ${ip}`, version: '2.15.2' };
  const network = ip.slice(0, ip.lastIndexOf('.'));
  const routes = Array.from({ length: addresses }, (_, index) => ({ remote_id: `server at ${network}.${index + 1}` }));
  return { routes };
}

function listen(ip: string, answer: Answer): Promise<Server> {
  const server = createServer((request, response) => {
    const body = answer(ip, request.url ?? '');
    response.writeHead(body ? 200 : 503).end(JSON.stringify(body ?? {}));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ip, () => {
      resolve(server);
    });
  });
}
