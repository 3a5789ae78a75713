import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Cluster } from '../cluster/cluster';
import { currentCluster } from '../cluster/current';
import { eventually } from '../cluster/eventually';
import { natsCliImage } from '../cluster/images/archives';
import { Kubectl } from '../cluster/kubectl';
import { projectFolder } from '../cluster/project';

const namespace = 'nats-e2e';
const newest = '2.15.2';

interface Pod {
  metadata: { name: string; uid: string; labels: Record<string, string>; deletionTimestamp?: string };
  spec: { nodeName: string; containers: { name: string; image: string }[] };
  status: { podIP: string; conditions?: { type: string; status: string }[] };
}

interface NatsCluster {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  spec: Record<string, unknown>;
  status?: { phase: string; readyMembers: number; conditions: { type: string; status: string; message: string }[] };
}

// The operator runs in the cluster, as `make deploy` puts it there.
describe('a NatsCluster', () => {
  let cluster: Cluster;
  let kubectl: Kubectl;

  beforeAll(async () => {
    cluster = await currentCluster();
    kubectl = new Kubectl(cluster.kubeconfig());
    await kubectl.run('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s');
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
  }, 150_000);

  afterAll(() => kubectl.run('delete', 'namespace', namespace, '--timeout=120s'), 150_000);

  describe('of the sample', () => {
    const sample = parse(readFileSync(join(projectFolder, 'example', 'cluster.yaml'), 'utf8')) as NatsCluster;
    const { name } = sample.metadata;

    beforeAll(async () => {
      await kubectl.run('apply', '-n', namespace, '-f', join(projectFolder, 'example', 'cluster.yaml'));
      await untilSettled(name, 3, '1.0.4');
    }, 180_000);

    it('has three pods with random names and the label of the cluster', async () => {
      const pods = await podsOf(name);
      expect(pods).toHaveLength(3);
      for (const { metadata } of pods) {
        expect(metadata.name).toMatch(new RegExp(`^${name}-[a-z0-9]{10}$`));
        expect(metadata.labels).toMatchObject({ nats_cluster: name });
      }
      expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(3);
    });

    it('is listed by its short name with what people want to know', async () => {
      const [head = '', line = ''] = (await kubectl.run('get', 'nats', '-n', namespace)).split('\n');
      expect(head).toMatch(/^NAME +SIZE +READY +VERSION +STATUS +AGE/);
      expect(line).toMatch(new RegExp(`^${name} +3 +3 +1\\.0\\.4 +Running`));
    });

    it('has a client service and a headless service', async () => {
      const client = await kubectl.get<{ spec: object }>('service', name, '-n', namespace);
      expect(client.spec).toMatchObject({ type: 'ClusterIP', ports: [{ port: 4222, protocol: 'TCP' }] });
      const routes = await kubectl.get<{ spec: object }>('service', `${name}-routes`, '-n', namespace);
      expect(routes.spec).toMatchObject({ clusterIP: 'None', ports: [{ port: 6222 }, { port: 8222 }] });
    });

    it('gives each pod a DNS record', async () => {
      for (const [ordinal, pod] of (await membersOf(name)).entries()) {
        const answer = await client(`lookup-${ordinal}`, [
          'rtt',
          '--server',
          `${name}-${ordinal}.${name}-routes.${namespace}.svc:4222`,
        ]);
        expect(answer).toContain(`${pod.status.podIP}:4222`);
      }
    }, 60_000);

    it('carries a message between clients of its service', async () => {
      const heard = listen('listener', name);
      await heard('hello');
    }, 60_000);

    it('replaces a deleted pod', async () => {
      const [victim] = await podsOf(name);
      await kubectl.run('delete', 'pod', victim!.metadata.name, '-n', namespace, '--wait=false');
      await eventually(60, async () => {
        const pods = await podsOf(name);
        expect(pods.map(({ metadata }) => metadata.uid)).not.toContain(victim!.metadata.uid);
        expect(pods).toHaveLength(3);
      });
      await untilSettled(name, 3, '1.0.4');
    }, 120_000);

    it.each([
      ['service', name],
      ['service', `${name}-routes`],
      ['secret', name],
      ['poddisruptionbudget', name],
    ])(
      'makes a deleted %s %s again',
      async (kind, object) => {
        await kubectl.run('delete', kind, object, '-n', namespace);
        await eventually(15, () => kubectl.run('get', kind, object, '-n', namespace));
      },
      30_000,
    );

    it('puts a service right that was edited by hand', async () => {
      const patch = JSON.stringify({ spec: { selector: { app: 'something-else' } } });
      await kubectl.run('patch', 'service', name, '-n', namespace, '--type=merge', '-p', patch);
      await eventually(15, async () => {
        const { spec } = await kubectl.get<{ spec: { selector: object } }>('service', name, '-n', namespace);
        expect(spec.selector).toEqual({ app: 'nats', nats_cluster: name });
      });
    }, 30_000);

    it('is upgraded member by member, and clients stay connected to one', async () => {
      const edit = JSON.stringify({ spec: { version: newest, lameDuckDurationSeconds: 30 } });
      await kubectl.run('patch', 'nats', name, '-n', namespace, '--type=merge', '-p', edit);
      let fewest = 3;
      await eventually(240, async () => {
        const ready = (await podsOf(name)).filter(isReady).length;
        fewest = Math.min(fewest, ready);
        await expectSettled(name, 3, newest);
      });
      expect(fewest).toBeGreaterThanOrEqual(2);
    }, 260_000);

    it('grows and shrinks', async () => {
      await kubectl.run('patch', 'nats', name, '-n', namespace, '--type=merge', '-p', '{"spec":{"size":5}}');
      await untilSettled(name, 5, newest);
      await kubectl.run('patch', 'nats', name, '-n', namespace, '--type=merge', '-p', '{"spec":{"size":3}}');
      await untilSettled(name, 3, newest);
      expect((await membersOf(name)).map(({ metadata }) => metadata.labels['nats.io/member'])).toEqual(['0', '1', '2']);
    }, 240_000);

    it('stops an upgrade to a version that does not exist, says so, and goes back by itself', async () => {
      await kubectl.run('patch', 'nats', name, '-n', namespace, '--type=merge', '-p', '{"spec":{"version":"2.99.0"}}');
      await eventually(90, async () => {
        const { status } = await kubectl.get<NatsCluster>('nats', name, '-n', namespace);
        expect(status?.conditions.map(({ message }) => message).join(' ')).toContain(`nats:2.99.0`);
      });
      expect((await podsOf(name)).filter(isReady)).toHaveLength(2);
      await kubectl.run(
        'patch',
        'nats',
        name,
        '-n',
        namespace,
        '--type=merge',
        '-p',
        `{"spec":{"version":"${newest}"}}`,
      );
      await untilSettled(name, 3, newest);
    }, 240_000);

    it('leaves nothing behind when it is deleted', async () => {
      await kubectl.run('delete', 'nats', name, '-n', namespace, '--timeout=60s');
      await eventually(120, async () => {
        const left = await kubectl.run(
          'get',
          'pod,service,secret,pdb',
          '-n',
          namespace,
          '-l',
          `nats_cluster=${name}`,
          '-o',
          'name',
        );
        expect(left).toBe('');
      });
    }, 200_000);
  });

  async function podsOf(name: string): Promise<Pod[]> {
    const { items } = await kubectl.get<{ items: Pod[] }>('pods', '-n', namespace, '-l', `nats_cluster=${name}`);
    return items.filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  async function membersOf(name: string): Promise<Pod[]> {
    const ordinal = ({ metadata }: Pod) => Number(metadata.labels['nats.io/member']);
    return (await podsOf(name)).sort((a, b) => ordinal(a) - ordinal(b));
  }

  async function expectSettled(name: string, size: number, version: string): Promise<void> {
    const pods = await podsOf(name);
    expect(pods.filter(isReady)).toHaveLength(size);
    expect(new Set(pods.map(imageOf))).toEqual(new Set([`nats:${version}`]));
    expect(pods).toHaveLength(size);
    const { status } = await kubectl.get<NatsCluster>('nats', name, '-n', namespace);
    expect(status).toMatchObject({ phase: 'Running', readyMembers: size });
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  }

  function untilSettled(name: string, size: number, version: string): Promise<void> {
    return eventually(170, () => expectSettled(name, size, version));
  }

  /** Starts a subscriber; the returned function publishes until it has heard. */
  function listen(pod: string, service: string): (text: string) => Promise<void> {
    const started = startClient(pod, ['subscribe', 'greetings', '--count=1', '--server', `${service}:4222`]);
    return async (text) => {
      await started;
      await eventually(30, async () => {
        await client('publisher', ['publish', 'greetings', text, '--server', `${service}:4222`]);
        expect(await kubectl.run('logs', '-n', namespace, pod)).toContain(text);
      });
    };
  }

  /** Runs the NATS client to its end and returns what it printed. */
  async function client(name: string, args: string[]): Promise<string> {
    await startClient(name, args);
    await kubectl.run(
      'wait',
      '-n',
      namespace,
      '--for=jsonpath={.status.phase}=Succeeded',
      '--timeout=30s',
      `pod/${name}`,
    );
    return kubectl.run('logs', '-n', namespace, name);
  }

  async function startClient(name: string, args: string[]): Promise<void> {
    await kubectl.run('delete', '-n', namespace, 'pod', name, '--ignore-not-found', '--grace-period=0', '--force');
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: {
        restartPolicy: 'OnFailure',
        terminationGracePeriodSeconds: 0,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'nats',
            image: natsCliImage,
            imagePullPolicy: 'IfNotPresent',
            args,
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    });
  }
});

function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

function imageOf({ spec }: Pod): string | undefined {
  return spec.containers.find(({ name }) => name === 'nats')?.image;
}
