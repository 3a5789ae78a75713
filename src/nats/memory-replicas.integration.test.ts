import { AckPolicy, jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { eventually } from '../../e2e/cluster/eventually';
import { JetStreamServers } from './testing/jetstream-servers';

const messages = 100;

// What a lost member is made again for at the word of a person (see lost-member.ts), and what the operator waits for otherwise.
describe.each(['2.10.29', '2.14.9', '2.15.2'] as const)(
  'a stream of two replicas in memory on nats-server %s',
  (version) => {
    let servers: JetStreamServers;
    let client: NatsConnection;

    beforeAll(async () => {
      servers = await JetStreamServers.start(version);
      client = await connect({ servers: servers.urls, maxReconnectAttempts: -1, reconnectTimeWait: 200 });
    }, 240_000);

    afterAll(async () => {
      await client.close();
      await servers.remove();
    });

    it.each(['the leader', 'the other one'])(
      'gets all back when %s is started with nothing',
      async (which) => {
        const manager = await jetstreamManager(client, { timeout: 10_000 });
        const name = which.replaceAll(' ', '-');
        // a group has no leader for a moment after it was made, and each of these may be asked twice
        const stream = { name, subjects: [name], num_replicas: 2, storage: StorageType.Memory };
        await eventually(60, () => manager.streams.add(stream));
        await eventually(60, () =>
          manager.consumers.add(name, { durable_name: 'worker', ack_policy: AckPolicy.Explicit }),
        );
        for (let count = 0; count < messages; count++) {
          await eventually(60, () => jetstream(client).publish(name, String(count), { msgID: String(count) }));
        }
        const { cluster } = await eventually(60, () => manager.streams.info(name));
        const lost = which === 'the leader' ? cluster?.leader : cluster?.replicas?.[0]?.name;
        await servers.restart(Number(lost?.replace('nats-', '')));
        await servers.current();
        const { state } = await eventually(60, () => manager.streams.info(name));
        expect(state).toMatchObject({ messages, first_seq: 1, last_seq: messages });
        const groups = [...(await servers.reports()).values()].flatMap((report) => report.groups ?? []);
        const its = groups
          .filter(({ stream }) => stream === name)
          .map(({ consumer, inMemory }) => ({ consumer, inMemory }));
        for (const consumer of [undefined, 'worker']) expect(its).toContainEqual({ consumer, inMemory: true });
      },
      200_000,
    );
  },
);
