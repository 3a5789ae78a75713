import { eventually } from '../cluster/eventually';
import { natsBoxImage } from '../cluster/images/archives';
import { restricted, restrictedPod } from '../testing/client-pods';
import { NatsClusters } from '../testing/nats-clusters';

const namespace = 'service-role';
const name = 'bus';
const role = 'app';
const elsewhere = 'service-role-elsewhere';

// Each test finds what the one before it left.
describe.each(['2.15.2', '2.10.29'])('a pod with the token of its service account, and a cluster of %s', (version) => {
  let clusters: NatsClusters;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await clusters.create(name, { size: 1, version, auth: { enableServiceAccounts: true } });
    await clusters.kubectl.apply(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: role, namespace } },
      {
        apiVersion: 'nats.io/v1beta1',
        kind: 'NatsServiceRole',
        metadata: { name: role, namespace, labels: { nats_cluster: name } },
        spec: { permissions: { publish: ['orders.*'], subscribe: ['orders.*', '_INBOX.>'] } },
      },
      application(),
    );
    await clusters.settled(name, 1, version);
    await clusters.run('wait', '--for=condition=Ready', `natsservicerole/${role}`, '--timeout=120s');
    await clusters.run('wait', '--for=condition=Ready', `pod/${role}`, '--timeout=150s');
  }, 400_000);

  afterAll(async () => {
    await clusters.remove();
    await clusters.kubectl.run('delete', 'namespace', elsewhere, '--ignore-not-found', '--timeout=150s');
  }, 600_000);

  it('connects, and does what the role allows', async () => {
    await eventually(180, async () => {
      expect(await nats('pub orders.new hello')).toMatch(/Published 5 bytes to "orders.new"/);
    });
  }, 240_000);

  it('has another name too, which no other namespace can have', async () => {
    await says(/Published 5 bytes/, 'pub orders.new hello', { user: `${namespace}_${role}` });
  });

  it('is denied what the role does not allow', async () => {
    await says(/permissions violation for publish to "salaries"/i, 'pub salaries hello');
    await says(/permissions violation for subscription to "salaries"/i, 'sub salaries --wait=2s');
  });

  it('is not let in without its token', async () => {
    await says(/authorization violation/i, 'pub orders.new hello', { password: 'guessed' });
  });

  it('in another namespace is let in by its own name, and not any more when the service account is gone', async () => {
    await clusters.kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: elsewhere } });
    await addAccountElsewhere();
    const kept = await tokenElsewhere();
    await expectFromElsewhere(kept, /Published 5 bytes/);
    await clusters.kubectl.run('delete', 'serviceaccount', role, '-n', elsewhere);
    await expectFromElsewhere(kept, /authorization violation/i);
  }, 600_000);

  it('is not let in any more when its namespace is gone', async () => {
    await addAccountElsewhere();
    const kept = await tokenElsewhere();
    await expectFromElsewhere(kept, /Published 5 bytes/);
    await clusters.kubectl.run('delete', 'namespace', elsewhere, '--timeout=150s');
    await expectFromElsewhere(kept, /authorization violation/i);
  }, 600_000);

  it('is not let in any more when the role is gone', async () => {
    await clusters.run('exec', role, '--', 'sh', '-c', 'cat /token/token > /tmp/kept');
    await clusters.run('delete', 'natsservicerole', role);
    await eventually(180, async () => {
      const said = await nats('pub orders.new hello', { password: '$(cat /tmp/kept)' });
      expect(said).toMatch(/authorization violation/i);
    });
    await eventually(60, () =>
      expect(clusters.run('get', 'secret', `${role}-${name}-bound-token`)).rejects.toThrow(/NotFound/),
    );
  }, 240_000);

  function addAccountElsewhere(): Promise<void> {
    const metadata = { name: role, namespace: elsewhere };
    return clusters.kubectl.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  }

  /** The token of the service account in the other namespace, when it is there. */
  function tokenElsewhere(): Promise<string> {
    return eventually(60, async () => {
      const secret = ['secret', `${role}-${name}-bound-token`, '-n', elsewhere] as const;
      const { data } = await clusters.kubectl.get<{ data?: Record<string, string> }>(...secret);
      expect(data?.token).toBeDefined();
      return Buffer.from(data?.token ?? '', 'base64').toString();
    });
  }

  /** Waits until the servers answer so to who comes with that token, as the user of the other namespace. */
  function expectFromElsewhere(password: string, answer: RegExp): Promise<void> {
    return eventually(180, async () => {
      const who = { user: `${elsewhere}_${role}`, password };
      expect(await nats('pub orders.new hello', who)).toMatch(answer);
    });
  }

  /** Waits until the command line client says that: on a busy machine it gives up before a server has answered. */
  function says(answer: RegExp, ...[command, who]: Parameters<typeof nats>): Promise<void> {
    return eventually(60, async () => {
      expect(await nats(command, who)).toMatch(answer);
    });
  }

  /** What the command line client says, run by the application. */
  function nats(command: string, { user = role, password = '$(cat /token/token)' } = {}): Promise<string> {
    const client = `nats -s nats://${name}:4222 --user ${user} --password "${password}"`;
    return clusters.run('exec', role, '--', 'sh', '-c', `${client} ${command} 2>&1 || true`);
  }

  function application(): object {
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: role, namespace },
      spec: {
        serviceAccountName: role,
        terminationGracePeriodSeconds: 0,
        securityContext: restrictedPod,
        containers: [
          {
            name: 'box',
            image: natsBoxImage,
            imagePullPolicy: 'IfNotPresent',
            command: ['sleep', 'infinity'],
            securityContext: restricted,
            volumeMounts: [{ name: 'token', mountPath: '/token', readOnly: true }],
          },
        ],
        volumes: [{ name: 'token', secret: { secretName: `${role}-${name}-bound-token` } }],
      },
    };
  }
});
