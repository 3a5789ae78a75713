import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { eventually } from '../../e2e/cluster/eventually';
import { JetStreamServers } from './testing/jetstream-servers';
import { NatsServer, portsFor } from './testing/nats-server';

const another = { key: 'two', prev_encryption_key: 'one' };
const messages = 50;
const own = { server_name: 'nats-0', jetstream: { store_dir: 'jetstream', max_mem: 1e7, max_file: 1e8 } };
const withKeys = (keys: object) => ({ ...own, jetstream: { ...own.jetstream, ...keys } });

/** Makes a stream with messages and a consumer. */
async function fill(servers: string[], replicas: number): Promise<void> {
  const client = await connect({ servers });
  const manager = await jetstreamManager(client, { timeout: 10_000 });
  // a group has no leader for a moment after it was made, and each of these may be asked twice
  const consumer = { durable_name: 'worker', ack_policy: AckPolicy.Explicit };
  await eventually(60, () => manager.streams.add({ name: 'ORDERS', subjects: ['orders'], num_replicas: replicas }));
  await eventually(60, () => manager.consumers.add('ORDERS', consumer));
  for (let count = 0; count < messages; count++) {
    await eventually(60, () => jetstream(client).publish('orders', String(count), { msgID: String(count) }));
  }
  await client.close();
}

// What guard-key.ts stands on: whoever finds one of these failing may let more keys through there.
describe('another encryption key, of a server that is told the one before,', () => {
  it.each(['2.10.29', '2.14.9', '2.15.2'] as const)(
    'opens the streams of a single server, and none of their consumers: %s',
    async (version) => {
      const [ports] = await portsFor(1);
      if (!ports) throw new Error('no ports');
      const server = await NatsServer.start(version, withKeys({ key: 'one' }), ports);
      try {
        await fill([`127.0.0.1:${ports.client}`], 1);
        for (const keys of [another, { key: 'two' }]) {
          await server.restart(withKeys(keys));
          const client = await connect({ servers: `127.0.0.1:${ports.client}` });
          const manager = await jetstreamManager(client, { timeout: 10_000 });
          const { state } = await manager.streams.info('ORDERS');
          expect(state).toMatchObject({ messages, first_seq: 1, consumer_count: 0 });
          await expect(manager.consumers.info('ORDERS', 'worker')).rejects.toThrow('consumer not found');
          await client.close();
        }
      } finally {
        await server.remove();
      }
    },
    120_000,
  );

  it('leaves a server of 2.10.29 in a cluster without consumers for good, although others have them', async () => {
    const servers = await JetStreamServers.start('2.10.29', { key: 'one' });
    try {
      await fill(servers.urls, 3);
      await servers.current();
      await servers.restart(2, another);
      // the others have told it of the consumer, which it can't make for the files that are there
      await eventually(60, () => {
        expect(servers.servers[2]?.log).toMatch(/Consumer create failed for .*worker.*authentication failed/);
        return Promise.resolve();
      });
      expect((await servers.reports()).get('nats-2')?.problem).toMatch(/worker/);
    } finally {
      await servers.remove();
    }
  }, 300_000);

  it.each(['2.14.9', '2.15.2'] as const)(
    'keeps a server of a cluster from starting: %s',
    async (version) => {
      const [ports, other] = await portsFor(2);
      if (!ports || !other) throw new Error('no ports');
      const cluster = {
        ...{ name: 'nats', listen: `127.0.0.1:${ports.routes}` },
        routes: [`nats://127.0.0.1:${other.routes}`],
      };
      const server = await NatsServer.start(version, { ...withKeys({ key: 'one' }), cluster }, ports);
      try {
        const start = () => server.restart({ ...withKeys(another), cluster });
        await expect(start()).rejects.toThrow();
        expect(server.log).toMatch(/authentication failed/);
      } finally {
        await server.remove();
      }
    },
    120_000,
  );
});
