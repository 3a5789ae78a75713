import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { nkeys, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { asUserOf } from '../../src/nats/credentials';
import { answerCallouts } from '../../src/templates/testing/callout-service';
import { accountJwt, credentials, operatorJwt } from '../../src/templates/testing/jwt';
import { eventually } from '../cluster/eventually';
import { projectFolder } from '../cluster/project';
import { onMember } from '../testing/members';
import { NatsClusters, type Pod } from '../testing/nats-clusters';

const namespace = 'auth-modes';
const members = [0, 1, 2];
const operator = nkeys.createOperator();
const [issuer, system, app] = [nkeys.createAccount(), nkeys.createAccount(), nkeys.createAccount()];
const trusted = operatorJwt(operator);
const ofSystem = credentials(system);
const ofApp = credentials(app);

// The samples of example/ are what users apply; only keys that a user makes himself are those of the test.
describe('a client comes in', () => {
  let clusters: NatsClusters;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await trust({ 'op.jwt': trusted, 'sys.creds': ofSystem });
    await sample('auth-token', {});
    await sample('auth-callout', { issuer: issuer.getPublicKey() });
    await sample('auth-jwt-operator', { systemAccount: system.getPublicKey() });
  }, 330_000);

  afterAll(() => clusters.remove(), 400_000);

  it('with the token of the sample, and not with another or without', async () => {
    await settled('example-token');
    for (const member of members) {
      await on('example-token', member, async (client) => {
        const one = await client({ token: 'change-me' });
        const subscription = one.subscribe('greetings', { max: 1 });
        one.publish('greetings', 'hello');
        for await (const message of subscription) expect(message.string()).toBe('hello');
        for (const options of [{}, { token: 'wrong' }]) await refused(client(options));
      });
    }
  }, 400_000);

  it('with another token when the Secret changes, which restarts the members', async () => {
    const before = await clusters.pods('example-token');
    await clusters.run('patch', 'secret', 'clients-token', '-p', JSON.stringify({ stringData: { token: 'changed' } }));
    await clusters.healed('example-token', 3, '2.15.2', before, 240);
    await on('example-token', 0, async (client) => {
      await client({ token: 'changed' });
      await refused(client({ token: 'change-me' }));
    });
  }, 600_000);

  it('where a service says so that answers on another member, into the account that it says, and nobody else', async () => {
    await settled('example-callout');
    await on('example-callout', 0, async (toOne) => {
      const service = await toOne({ user: 'auth', pass: 'change-me' });
      answerCallouts(service, issuer);
      await service.flush();
      await on('example-callout', 1, async (toOther) => {
        // the interest of the service has to cross the route first
        const known = await eventually(60, () => toOther({ user: 'known', pass: 'known' }));
        const heard = known.subscribe('greetings', { max: 1 });
        known.publish('greetings', 'hello');
        for await (const message of heard) expect(message.string()).toBe('hello');
        for (const stranger of [{ user: 'unknown', pass: 'x' }, {}]) await refused(toOther(stranger));
      });
    });
  }, 400_000);

  describe('with a JWT of an operator', () => {
    let before: Pod[];

    it('whose account was pushed to one member, on all of them, and has streams', async () => {
      await clusters.settled('example-jwt', 3, '2.15.2', 240);
      before = await clusters.members('example-jwt');
      await on('example-jwt', 0, async (client) => {
        await refused(client(as(ofApp)));
        const manager = await client(as(ofSystem));
        const streams = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
        const jwt = accountJwt(operator, app, streams);
        const answer = await manager.request('$SYS.REQ.CLAIMS.UPDATE', jwt, { timeout: 20_000 });
        expect(answer.json()).toMatchObject({ data: { code: 200 } });
      });
      for (const member of members) {
        await eventually(60, () => on('example-jwt', member, (client) => client(as(ofApp))));
      }
      await on('example-jwt', 2, async (client) => {
        const connection = await client(as(ofApp));
        const { streams } = await eventually(60, () => jetstreamManager(connection, { timeout: 10_000 }));
        await eventually(60, () => streams.add({ name: 'ORDERS', subjects: ['orders'], num_replicas: 3 }));
        await eventually(60, async () => {
          const acknowledged = await jetstream(connection).publish('orders', 'one', { msgID: '1' });
          expect(acknowledged).toMatchObject({ stream: 'ORDERS', seq: 1 });
        });
      });
    }, 600_000);

    it('and goes on while a change is reloaded, as the operator has credentials', async () => {
      await clusters.edit('example-jwt', { natsConfig: { maxPayload: 2000 } });
      await allHave(2000);
      await clusters.settled('example-jwt', 3, '2.15.2');
      expect(uids(await clusters.members('example-jwt'))).toEqual(uids(before));
    }, 400_000);

    it('and goes on without these: a condition says so, changes wait, a lost member comes back, and nobody is restarted', async () => {
      await trust({ 'op.jwt': trusted });
      await clusters.condition('example-jwt', 'Degraded', 'True', 'secret operator-jwt has no key sys.creds', 150);
      await clusters.edit('example-jwt', { natsConfig: { maxPayload: 3000 } });
      const [lost, ...others] = before;
      await clusters.run('delete', 'pod', lost?.metadata.name ?? '', '--wait=false');
      await eventually(120, async () => {
        const pods = await clusters.members('example-jwt');
        expect(pods).toHaveLength(3);
        expect(uids(pods)).not.toContain(lost?.metadata.uid);
      });
      await eventually(120, async () => {
        expect(await maxPayloads()).toEqual([3000, 2000, 2000]);
      });
      await clusters.condition('example-jwt', 'Degraded', 'True', "can't be asked to load the new config", 150);
      expect(uids(await clusters.members('example-jwt')).slice(1)).toEqual(uids(others));
      before = await clusters.members('example-jwt');
    }, 900_000);

    it('and takes the change over when there are credentials again', async () => {
      await trust({ 'op.jwt': trusted, 'sys.creds': ofSystem });
      await allHave(3000);
      await clusters.condition('example-jwt', 'Degraded', 'False', '', 120);
      await clusters.settled('example-jwt', 3, '2.15.2');
      expect(uids(await clusters.members('example-jwt'))).toEqual(uids(before));
    }, 600_000);

    it('and goes on where the credentials have ended, or are of another account, as conditions say', async () => {
      const ending = Math.floor(Date.now() / 1000) + 5;
      await trust({ 'op.jwt': trusted, 'sys.creds': credentials(system, undefined, { exp: ending }) });
      await clusters.condition('example-jwt', 'Degraded', 'True', 'systemUserSecret refers to ended at', 150);
      await trust({ 'op.jwt': trusted, 'sys.creds': ofApp });
      await clusters.condition('example-jwt', 'Degraded', 'True', 'of a user in another account than', 150);
      await trust({ 'op.jwt': trusted, 'sys.creds': ofSystem });
      await clusters.condition('example-jwt', 'Degraded', 'False', '', 150);
      expect(uids(await clusters.members('example-jwt'))).toEqual(uids(before));
    }, 600_000);
  });

  async function allHave(bytes: number): Promise<void> {
    await eventually(120, async () => {
      expect(await maxPayloads()).toEqual([bytes, bytes, bytes]);
    });
  }

  async function maxPayloads(): Promise<unknown[]> {
    const pods = await clusters.members('example-jwt');
    return Promise.all(
      pods.map(async ({ metadata: { name } }) => {
        const answer = JSON.parse(await clusters.kubectl.proxy(namespace, name, 8222, '/varz')) as object;
        return 'max_payload' in answer ? answer.max_payload : undefined;
      }),
    );
  }

  /** Applies a file of example/ with other public keys in the fields of these names. */
  async function sample(file: string, keys: Record<string, string>): Promise<void> {
    let text = readFileSync(join(projectFolder, 'example', `${file}.yaml`), 'utf8');
    for (const [field, key] of Object.entries(keys))
      text = text.replace(new RegExp(`(?<=${field}: )A[A-Z2-7]{55}`), key);
    await clusters.kubectl.applyText(text.replaceAll(/^metadata:$/gm, `metadata:\n  namespace: ${namespace}`));
  }

  /** The Secret that the sample of JWTs tells to make. */
  async function trust(stringData: Record<string, string>): Promise<void> {
    const data = Object.fromEntries(
      Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
    );
    await clusters.kubectl.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'operator-jwt', namespace },
      data,
    });
  }

  function settled(name: string): Promise<void> {
    return clusters.settled(name, 3, '2.15.2', 180);
  }

  function on<T>(
    name: string,
    member: number,
    use: (client: (options: ConnectionOptions) => Promise<NatsConnection>) => Promise<T>,
  ): Promise<T> {
    return onMember(clusters, [name, member], use);
  }
});

function as(creds: string): ConnectionOptions {
  return { authenticator: asUserOf(creds) };
}

async function refused(connection: Promise<NatsConnection>): Promise<void> {
  await expect(connection).rejects.toThrow(/authorization violation|authentication(?! timeout)/i);
}

function uids(pods: Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.uid);
}
