import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { CertificateAuthority } from '../cluster/control-plane/certificates';
import { eventually } from '../cluster/eventually';
import { Day2Table } from '../testing/day-2-table';
import { itCutsPower } from '../testing/it-cuts-power';
import { killOperator } from '../testing/kill-operator';
import { NatsClusters, type Pod } from '../testing/nats-clusters';
import { forwarded } from '../testing/port-forward';

const namespace = 'day-2';
const name = 'busy';
const url = `nats://${name}:4222`;
const routesSecret = 'busy-routes-tls';

interface Status {
  members?: { name: string; pod: string; node: string; role?: string }[];
  metaLeaderStepDown?: string;
}

// Every operation happens under a stream of acknowledged publishes, with the operator killed in the middle of it, and not one
// acknowledged message is lost. Each test finds what the one before it left. The table is printed for docs/day-2.md.
describe('day 2 of a cluster with JetStream', () => {
  let clusters: NatsClusters;
  let table: Day2Table;
  let authority: CertificateAuthority;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    authority = await CertificateAuthority.create('routes');
    await certificate();
    await clusters.create(name, {
      size: 3,
      version: '2.10.29',
      lameDuck: { durationSeconds: 30, gracePeriodSeconds: 1 },
      jetstream: { memoryLimit: '64Mi', fileStorage: { size: '300Mi', retention: { whenScaled: 'Delete' } } },
      tls: { routesSecret },
    });
    await clusters.settled(name, 3, '2.10.29', 240);
    table = new Day2Table(clusters, url);
  }, 500_000);

  afterAll(async () => {
    console.log(String(table));
    await clusters.remove();
  }, 320_000);

  it.each([
    ['2.10.29', '2.14.9'],
    ['2.14.9', '2.15.2'],
  ])(
    'upgrades from %s to %s',
    async (from, to) => {
      await table.during(`upgrade from ${from} to ${to}`, () => rolled(to, () => clusters.edit(name, { version: to })));
    },
    900_000,
  );

  it('reloads a config, and restarts nobody', async () => {
    const before = await clusters.members(name);
    await table.during('config reload', async () => {
      await clusters.edit(name, { natsConfig: { maxPayload: 500_000 } });
      await killOperator(clusters.kubectl);
      await eventually(120, async () => {
        for (const { metadata } of await clusters.members(name)) {
          const varz = await clusters.kubectl.proxy(namespace, metadata.name, 8222, '/varz');
          expect(JSON.parse(varz)).toMatchObject({ max_payload: 500_000 });
        }
        await clusters.expectSettled(name, 3, '2.15.2');
      });
    });
    expect(uids(await clusters.members(name))).toEqual(uids(before));
  }, 500_000);

  it('rolls for a change that needs a restart', async () => {
    const natsEnv = [{ name: 'DAY', value: '2' }];
    await table.during('change that needs a restart', () =>
      rolled('2.15.2', () => clusters.edit(name, { pod: { natsEnv } })),
    );
  }, 900_000);

  it('shows a renewed certificate, and restarts nobody', async () => {
    const before = await clusters.members(name);
    await table.during('certificate rotation', async () => {
      const serial = await certificate();
      await killOperator(clusters.kubectl);
      await eventually(180, async () => {
        for (const { metadata } of before) expect(await serialOf(metadata.name)).toBe(serial);
        await clusters.expectSettled(name, 3, '2.15.2');
      });
    });
    expect(uids(await clusters.members(name))).toEqual(uids(before));
  }, 500_000);

  it.each([
    [3, 5],
    [5, 3],
  ])(
    'scales from %i to %i',
    async (from, to) => {
      await table.during(`scale from ${from} to ${to}`, async () => {
        await clusters.run('scale', 'nats', name, `--replicas=${to}`);
        await killedOnce((pods) => (to > from ? pods.length > from : pods.length < from));
        await clusters.settled(name, to, '2.15.2', 400);
      });
    },
    900_000,
  );

  it('restarts on request', async () => {
    await table.during('rolling restart by annotation', () =>
      rolled('2.15.2', async () => {
        await clusters.run('annotate', 'nats', name, '--overwrite', `nats.io/restart=${new Date().toISOString()}`);
      }),
    );
  }, 900_000);

  it('lets another member lead on request, once', async () => {
    const leader = await metaLeader();
    await table.during('step down by annotation', async () => {
      await clusters.run('annotate', 'nats', name, '--overwrite', 'nats.io/step-down-meta-leader=once');
      await eventually(60, async () => {
        expect((await status()).metaLeaderStepDown).toBe('once');
        expect((await metaLeader()).name).not.toBe(leader.name);
      });
      const next = await metaLeader();
      await killOperator(clusters.kubectl);
      await clusters.settled(name, 3, '2.15.2');
      expect(await metaLeader()).toEqual(next);
    });
  }, 500_000);

  it('survives that the meta leader is killed', async () => {
    await table.during('kill of the meta leader', async () => {
      const { pod } = await metaLeader();
      const victims = (await clusters.members(name)).filter(({ metadata }) => metadata.name === pod);
      await clusters.run('delete', 'pod', pod, '--grace-period=0', '--force');
      await killOperator(clusters.kubectl);
      await clusters.healed(name, 3, '2.15.2', victims, 240);
    });
  }, 600_000);

  const drains = process.env.DAY_2_WITHOUT_NODES ? it.skip : it;

  drains(
    'lets all nodes be drained one after another, without a pause',
    async () => {
      const before = await clusters.members(name);
      await table.during('drain of each node', async () => {
        let killed = false;
        for (const node of await clusters.cluster.nodes()) {
          const members = `--pod-selector=nats_cluster=${name}`;
          try {
            // the budget holds it until the member of the node before is back and current
            const args = [members, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=300s'];
            const drained = clusters.kubectl.run('drain', node, ...args);
            if (!killed) await killOperator(clusters.kubectl);
            killed = true;
            await drained;
          } finally {
            await clusters.kubectl.run('uncordon', node);
          }
        }
        await clusters.healed(name, 3, '2.15.2', before, 300);
      });
    },
    1_500_000,
  );

  itCutsPower(
    'survives that a node is lost, and returns',
    async () => {
      await table.during('loss and return of a node', async () => {
        const traffic = await clusters.run(
          'get',
          'pods',
          '-o',
          'jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName}\n{end}',
        );
        const kept = traffic
          .split('\n')
          .flatMap((line) => (line.startsWith('traffic-') ? line.split(' ').slice(1) : []));
        const node = (await clusters.members(name))
          .map(({ spec }) => spec.nodeName)
          .find((each) => !kept.includes(each));
        if (node === undefined) throw new Error('all members run beside the publisher');
        await clusters.cluster.stopNode(node);
        try {
          await clusters.kubectl.run('wait', `node/${node}`, '--for=condition=Ready=Unknown', '--timeout=120s');
          await killOperator(clusters.kubectl);
          await clusters.condition(name, 'Ready', 'False', '', 120);
        } finally {
          await clusters.cluster.startNode(node);
        }
        await clusters.kubectl.run('wait', `node/${node}`, '--for=condition=Ready', '--timeout=120s');
        await clusters.settled(name, 3, '2.15.2', 300);
      });
    },
    1_200_000,
  );

  /** Changes something that makes all members again, kills the operator when the first one went, and waits until all are well. */
  async function rolled(version: string, change: () => Promise<void>): Promise<void> {
    const before = await clusters.members(name);
    await change();
    await killedOnce((pods) => before.some(({ metadata }) => !uids(pods).includes(metadata.uid)));
    await clusters.healed(name, 3, version, before, 500);
  }

  /** Kills the operator as soon as the pods are as they are in the middle. */
  async function killedOnce(half: (pods: Pod[]) => boolean): Promise<void> {
    await eventually(180, async () => {
      expect(half(await clusters.pods(name))).toBe(true);
    });
    await killOperator(clusters.kubectl);
  }

  async function status(): Promise<Status> {
    return (await clusters.get(name)).status as unknown as Status;
  }

  async function metaLeader() {
    const leader = (await status()).members?.find(({ role }) => role === 'MetaLeader');
    if (!leader) throw new Error('no member leads');
    return leader;
  }

  /** A new certificate in the secret. Its serial number. */
  async function certificate(): Promise<string> {
    const names = [`*.${name}-routes.${namespace}.svc`, `${name}-routes.${namespace}.svc`];
    const issued = await authority.issue({ commonName: 'route', names });
    const stringData = {
      'ca.pem': authority.pair.certificate,
      'route.pem': issued.certificate,
      'route-key.pem': issued.key,
    };
    const metadata = { name: routesSecret, namespace };
    await clusters.kubectl.apply({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData });
    return new X509Certificate(issued.certificate).serialNumber;
  }

  /** Serial number of the certificate that a server shows to other servers. */
  function serialOf(pod: string): Promise<string> {
    return forwarded(clusters.kubectl, [namespace, pod, 6222], async (port) => {
      const ca = authority.pair.certificate;
      const socket = connect({ port, host: '127.0.0.1', ca, checkServerIdentity: () => undefined });
      try {
        await once(socket, 'secureConnect');
        return socket.getPeerCertificate().serialNumber;
      } finally {
        socket.destroy();
      }
    });
  }
});

function uids(pods: Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.uid);
}
