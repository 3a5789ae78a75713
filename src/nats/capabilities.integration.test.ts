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
    try {
      const outcome = await server.restart(config({ key: 'two', prev_encryption_key: 'one' })).then(
        () => 'serves',
        (error: unknown) => (error as Error).message,
      );
      expect(outcome).toMatch(takesPreviousKey(version) ? /^serves$/ : /Can't start JetStream/);
    } finally {
      await server.remove();
    }
  }, 180_000);
});
