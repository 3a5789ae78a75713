import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '../../e2e/cluster/eventually';
import { takesPreviousKey } from './capabilities';
import { NatsServer, portsFor } from './testing/nats-server';

describe.each(['2.10.29', '2.14.9', '2.15.2'] as const)('nats-server %s of a cluster', (version) => {
  it(`opens its files with the key before: ${takesPreviousKey(version)}`, async () => {
    const [ports, other] = await portsFor(2);
    if (!ports || !other) throw new Error('no ports');
    const config = (keys: object) => ({
      server_name: 'nats-0',
      jetstream: { store_dir: 'jetstream', max_mem: 1e6, max_file: 1e7, ...keys },
      cluster: { name: 'nats', listen: `127.0.0.1:${ports.routes}`, routes: [`nats://127.0.0.1:${other.routes}`] },
    });
    const server = await NatsServer.start(version, config({ key: 'one' }), ports);
    // it answers on its monitoring port before it has started JetStream, and takes clients after that
    const takesClients = () =>
      eventually(10, async () => {
        const socket = connect(ports.client, '127.0.0.1');
        await once(socket, 'connect');
        socket.destroy();
      });
    try {
      await takesClients();
      const isServing = await server
        .restart(config({ key: 'two', prev_encryption_key: 'one' }))
        .then(takesClients)
        .then(
          () => true,
          () => false,
        );
      expect(isServing).toBe(takesPreviousKey(version));
    } finally {
      await server.remove();
    }
  }, 180_000);
});
