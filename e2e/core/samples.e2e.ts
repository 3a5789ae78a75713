import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connectAsync, type MqttClient } from 'mqtt';
import { eventually } from '../cluster/eventually';
import { projectFolder } from '../cluster/project';
import { onMember } from '../testing/members';
import { NatsClusters } from '../testing/nats-clusters';
import { forwarded } from '../testing/port-forward';

const namespace = 'samples';

// Samples of example/ that have no place of their own, applied as they stand: each does what it is for.
describe('a sample', () => {
  let clusters: NatsClusters;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    // all at once: they start in the time of a few
    for (const file of ['mqtt', 'jetstream-encrypted', 'jetstream', 'limits', 'free-config']) await apply(file);
    for (const file of ['cluster-logging', 'update-strategy', 'private-registry']) await apply(file);
  }, 400_000);

  afterAll(() => clusters.remove(), 600_000);

  it('of MQTT carries messages between an MQTT client and NATS clients on other members, both ways', async () => {
    await settled('example-mqtt');
    await onMqtt(0, (mqtt) =>
      onMember(clusters, ['example-mqtt', 1], async (client) => {
        const nats = await client({});
        const heard = nats.subscribe('sensors.kitchen', { max: 1 });
        await nats.flush();
        await eventually(60, async () => {
          await mqtt.publishAsync('sensors/kitchen', '21.5', { qos: 1 });
          expect(heard.getReceived()).toBeGreaterThan(0);
        });
        for await (const message of heard) expect(message.string()).toBe('21.5');
        const told: string[] = [];
        mqtt.on('message', (topic, text) => told.push(`${topic} ${text.toString()}`));
        await mqtt.subscribeAsync('lights/#', { qos: 1 });
        // the other member needs a moment to hear of the subscription
        await eventually(60, async () => {
          nats.publish('lights.kitchen', 'on');
          await nats.flush();
          expect(told[0]).toBe('lights/kitchen on');
        });
      }),
    );
  }, 600_000);

  it('of MQTT keeps what is to be retained, and gives it to who comes later to another member', async () => {
    await onMqtt(1, (mqtt) => mqtt.publishAsync('state/door', 'open', { qos: 1, retain: true }));
    await onMqtt(2, async (mqtt) => {
      const told: string[] = [];
      mqtt.on('message', (topic, text, { retain }) =>
        told.push(`${topic} ${text.toString()} ${retain ? 'retained' : ''}`),
      );
      // a server hears a moment later of what another one retains, and gives it to those who subscribe from then on
      await eventually(90, async () => {
        await mqtt.unsubscribeAsync('state/door');
        await mqtt.subscribeAsync('state/door', { qos: 1 });
        expect(told[0]).toBe('state/door open retained');
      });
    });
  }, 600_000);

  it.each([
    ['of JetStream', 'example-jetstream', undefined],
    ['of encryption, in its domain', 'example-jetstream-encrypted', 'hub'],
  ])(
    '%s keeps streams on three members',
    async (_, name, domain) => {
      await settled(name);
      await onMember(clusters, [name, 2], async (client) => {
        const connection = await client({});
        // while a leader is elected servers do not answer
        const { streams } = await eventually(90, () => jetstreamManager(connection, { domain, timeout: 20_000 }));
        const create = { name: 'ORDERS', subjects: ['orders'], num_replicas: 3 };
        await eventually(90, () => streams.add(create));
        const publisher = jetstream(connection, { domain, timeout: 20_000 });
        await eventually(60, () => publisher.publish('orders', 'one', { msgID: '1' }));
        await eventually(60, async () => {
          expect((await streams.getMessage('ORDERS', { seq: 1 }))?.string()).toBe('one');
        });
      });
    },
    900_000,
  );

  it.each<[string, string, object]>([
    ['of limits', 'example-limits', { max_connections: 1000, max_payload: 8_388_608, max_pending: 67_108_864 }],
    ['of free configuration', 'example-free-config', { ping_interval: 20e9, ping_max: 3 }],
  ])(
    '%s is what servers go by',
    async (_, name, wanted) => {
      await settled(name);
      for (const { metadata } of await clusters.members(name)) {
        await eventually(60, async () => {
          const answer: unknown = JSON.parse(await clusters.kubectl.proxy(namespace, metadata.name, 8222, '/varz'));
          expect(answer).toMatchObject(wanted);
        });
      }
    },
    600_000,
  );

  it('of logging shows each protocol message in the log', async () => {
    await settled('example-nats-logging', 3, '1.0.4');
    await onMember(clusters, ['example-nats-logging', 0], async (client) => {
      const connection = await client({});
      connection.publish('greetings', 'hello');
      await connection.flush();
    });
    const [pod] = await clusters.members('example-nats-logging');
    await eventually(60, async () => {
      expect(await clusters.run('logs', pod?.metadata.name ?? '')).toMatch(/\[TRC\].*PUB greetings 5/);
    });
  }, 600_000);

  it('of updates has a budget of one and a long way out for each member', async () => {
    await settled('example-updates', 5);
    const budget = await clusters.kubectl.get<{ spec: object }>('pdb', 'example-updates', '-n', namespace);
    expect(budget.spec).toMatchObject({ maxUnavailable: 1 });
    const [pod] = (await clusters.members('example-updates')) as unknown as {
      spec: { terminationGracePeriodSeconds: number };
    }[];
    expect(pod?.spec.terminationGracePeriodSeconds).toBeGreaterThan(180 + 15);
  }, 600_000);

  it('of a registry that can not be had says which image, and what to set', async () => {
    const image = 'example-registry-0 cannot pull image registry.example.com/mirror/nats:2.15.2';
    await clusters.condition('example-registry', 'Degraded', 'True', image, 180);
    const [pod] = (await clusters.members('example-registry')) as unknown as {
      spec: { imagePullSecrets: object[] };
    }[];
    expect(pod?.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
  }, 600_000);

  async function apply(file: string): Promise<void> {
    const text = readFileSync(join(projectFolder, 'example', `${file}.yaml`), 'utf8');
    await clusters.kubectl.applyText(text.replaceAll(/^metadata:$/gm, `metadata:\n  namespace: ${namespace}`));
  }

  function settled(name: string, size = 3, version = '2.15.2'): Promise<void> {
    return clusters.settled(name, size, version, 200);
  }

  /** Lends an MQTT client of a member. */
  async function onMqtt<T>(ordinal: number, use: (mqtt: MqttClient) => Promise<T>): Promise<T> {
    const member = (await clusters.members('example-mqtt'))[ordinal];
    return forwarded(clusters.kubectl, [namespace, member?.metadata.name ?? '', 1883], async (port) => {
      const options = { reconnectPeriod: 0, connectTimeout: 60_000, clientId: `e2e-${ordinal}`, clean: true };
      const mqtt = await eventually(90, () => connectAsync(`mqtt://127.0.0.1:${port}`, options));
      mqtt.on('error', () => undefined); // who waits for an answer is told
      try {
        return await use(mqtt);
      } finally {
        await mqtt.endAsync(true);
      }
    });
  }
});
