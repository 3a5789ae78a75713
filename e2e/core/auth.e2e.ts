import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { eventually } from '../cluster/eventually';
import { projectFolder } from '../cluster/project';
import { isReady, NatsClusters } from '../testing/nats-clusters';
import { onMember as clientsOf } from '../testing/members';

const namespace = 'auth';

// Each test finds what the one before it left.
describe('who may connect', () => {
  let clusters: NatsClusters;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await Promise.all([applySample('auth-users'), applySample('auth-accounts')]);
  }, 330_000);

  afterAll(() => clusters.remove(), 330_000);

  it('is users with passwords from a Secret, with the permissions of the spec', async () => {
    await settled('example-users');
    await onMember('example-users', 0, async (client) => {
      const guest = await client({ user: 'guest', pass: 'change-me' });
      expect(await violations(guest, 'requests.a', 'admin.a')).toEqual(['admin.a']);
      const alice = await client({ user: 'alice', pass: 'change-me' });
      expect(await violations(alice, 'anything', 'admin.a')).toEqual(['admin.a']);
      // who says nothing is the guest
      expect(await violations(await client({}), 'requests.a', 'anything')).toEqual(['anything']);
      await expect(client({ user: 'alice', pass: 'wrong' })).rejects.toThrow(/authorization violation/i);
    });
  }, 330_000);

  it('is another password when the Secret changes, on every server', async () => {
    await clusters.run(
      'patch',
      'secret',
      'users-passwords',
      '-p',
      JSON.stringify({ stringData: { alice: 'changed' } }),
    );
    for (const member of [0, 1, 2]) {
      await eventually(120, () =>
        onMember('example-users', member, async (client) => {
          await client({ user: 'alice', pass: 'changed' });
          await expect(client({ user: 'alice', pass: 'change-me' })).rejects.toThrow(/authorization violation/i);
        }),
      );
    }
    await settled('example-users');
  }, 400_000);

  it('is users of accounts, which see of each other what one exports and the other imports', async () => {
    await settled('example-accounts');
    await onMember('example-accounts', 0, (toOne) =>
      onMember('example-accounts', 1, async (toOther) => {
        const orders = await toOne({ user: 'orders', pass: 'change-me' });
        const shop = await toOther({ user: 'shop', pass: 'change-me' });
        orders.subscribe('orders.place', {
          callback: (_, message) => {
            message.respond('placed');
          },
        });
        await orders.flush();
        expect((await eventually(60, () => shop.request('place', '', { timeout: 1000 }))).string()).toBe('placed');
        await expect(shop.request('orders.place', '', { timeout: 1000 })).rejects.toThrow();
      }),
    );
  }, 330_000);

  it('stays as it is where a Secret can not be used, which a condition says without what is in it', async () => {
    await secret('clients', JSON.stringify({ users: [{ username: 'old', password: 'pw' }] }));
    await clusters.create('listed', { size: 1, auth: { clientsAuthSecret: 'clients' } });
    await settled('listed', 1);
    const before = await clusters.pods('listed');
    await secret('clients', '{"users": [{"username": "new", "password": "hidden-value"');
    await clusters.condition(
      'listed',
      'Degraded',
      'True',
      'secret clients, which spec.auth.clientsAuthSecret refers to',
    );
    const { status } = await clusters.get('listed');
    expect(JSON.stringify(status)).not.toContain('hidden-value');
    expect((await clusters.pods('listed')).filter(isReady).map(uid)).toEqual(before.map(uid));
    await onMember('listed', 0, async (client) => {
      await client({ user: 'old', pass: 'pw' });
    });
    await secret('clients', JSON.stringify({ users: [{ username: 'new', password: 'pw' }] }));
    await eventually(180, () => onMember('listed', 0, (client) => client({ user: 'new', pass: 'pw' })));
  }, 400_000);

  /** Applies a file of example/ as a user does. */
  async function applySample(name: string): Promise<void> {
    await clusters.run('apply', '-f', join(projectFolder, 'example', `${name}.yaml`));
  }

  function settled(name: string, size = 3): Promise<void> {
    return clusters.settled(name, size, '2.15.2', 120);
  }

  async function secret(name: string, content: string): Promise<void> {
    const object = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      stringData: { 'auth.json': content },
    };
    await clusters.kubectl.apply(object);
  }

  /** Lends connections to a member, which end when `use` does. */
  function onMember<T>(
    name: string,
    ordinal: number,
    use: (client: (options: ConnectionOptions) => Promise<NatsConnection>) => Promise<T>,
  ): Promise<T> {
    return clientsOf(clusters, [name, ordinal], use);
  }
});

function uid({ metadata }: { metadata: { uid: string } }): string {
  return metadata.uid;
}

/** Which of these subjects a client may not publish to. */
async function violations(client: NatsConnection, ...subjects: string[]): Promise<string[]> {
  const errors: string[] = [];
  void (async () => {
    for await (const status of client.status()) if (status.type === 'error') errors.push(status.error.message);
  })();
  for (const subject of subjects) client.publish(subject);
  await client.flush();
  await setImmediate(); // what came before the answer to the flush is in `errors` by then
  return subjects.filter((subject) => errors.some((message) => message.includes(`"${subject}"`)));
}
