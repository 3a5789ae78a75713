import { createServer, type Server } from 'node:http';

/** What a stand-in answers to `/varz` and `/routez`; 503 where undefined. */
export type Answer = (ip: string, path: string) => object | undefined;

const port = 8222;

/**
 * Monitoring ports of NATS servers for the pods of KWOK nodes, which have none: every address of the /24 `network`, such as
 * `127.101.0`, answers on port 8222 as a server that has routes to all others would. Tests that run at once need networks of
 * their own.
 */
export class StandIns {
  private constructor(private readonly servers: readonly Server[]) {}

  /** Starts them. `answer` makes them say something else. */
  static async start(network: string, answer?: Answer): Promise<StandIns> {
    const ips = Array.from({ length: 254 }, (_, index) => `${network}.${index + 1}`);
    const routes = ips.map((ip) => ({ remote_id: `server at ${ip}` }));
    const whole: Answer = (ip, path) =>
      path === '/routez' ? { routes } : { server_id: `server at ${ip}`, version: '2.15.2' };
    return new StandIns(await Promise.all(ips.map((ip) => listen(ip, answer ?? whole))));
  }

  /** Closes all ports. */
  stop(): void {
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
  }
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
