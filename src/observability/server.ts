import { createServer, type Server, type ServerResponse } from 'node:http';
import { type Metrics } from './metrics';

/** An address to listen on, such as `:8080` or `127.0.0.1:8080`. */
export interface ListenAddress {
  readonly host?: string;
  readonly port: number;
}

export interface Checks {
  /** Whether the process does its work; if not, it is to be restarted. */
  readonly live: () => boolean;
  /** Whether caches are filled. */
  readonly ready: () => boolean;
}

/** Serves `/metrics`, `/healthz` and `/readyz`. That it answers at all shows that the event loop runs. */
export async function serve({ host, port }: ListenAddress, metrics: Metrics, checks: Checks): Promise<Server> {
  const answer = (response: ServerResponse, status: number, text: string, type = 'text/plain') => {
    response.writeHead(status, { 'content-type': type }).end(text);
  };
  const check = (response: ServerResponse, good: boolean) => {
    answer(response, good ? 200 : 503, good ? 'ok\n' : 'not yet\n');
  };
  const server = createServer((request, response) => {
    switch (request.url?.split('?')[0]) {
      case '/metrics':
        metrics.registry.metrics().then(
          (text) => {
            answer(response, 200, text, metrics.registry.contentType);
          },
          () => {
            answer(response, 500, 'the metrics could not be read\n');
          },
        );
        break;
      case '/healthz':
        check(response, checks.live());
        break;
      case '/readyz':
        check(response, checks.ready());
        break;
      default:
        answer(response, 404, 'there are /metrics, /healthz and /readyz\n');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}
