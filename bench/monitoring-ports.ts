import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Failure } from '../e2e/cluster/failure';
import { monitoringPort } from '../src/templates/names';

/**
 * Answers on the monitoring port of every address of this machine, as a server would that has routes to the others of its
 * cluster: the pods of KWOK nodes have loopback addresses, and no servers.
 */
export async function answerForPods(neighbours: (ip: string) => readonly string[]): Promise<Server> {
  const server = createServer((request, response) => {
    const ip = (request.socket.address() as AddressInfo).address.replace('::ffff:', '');
    const id = (of: string) => `server at ${of}`;
    const body =
      request.url === '/routez'
        ? { routes: neighbours(ip).map((other) => ({ remote_id: id(other) })) }
        : { server_id: id(ip), version: '2.15.2' };
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Failure(`port ${monitoringPort} is taken: stop what listens there, such as a running test`)
          : error,
      );
    });
    server.listen(monitoringPort, '0.0.0.0', resolve);
  });
  return server;
}
