import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { eventually } from '../cluster/eventually';
import { projectFolder } from '../cluster/project';
import { ClientPods } from '../testing/client-pods';
import { isReady, NatsClusters, type NatsCluster } from '../testing/nats-clusters';

const namespace = 'nats-e2e';
const oldest = '1.0.4';
const newest = '2.15.2';
const sampleFile = join(projectFolder, 'example', 'cluster.yaml');
const sample = parse(readFileSync(sampleFile, 'utf8')) as NatsCluster;
const { name } = sample.metadata;

// The operator runs in the cluster, as `make deploy` puts it there. Each test finds what the one before it left.
describe('the sample NatsCluster', () => {
  let clusters: NatsClusters;
  let clients: ClientPods;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    clients = new ClientPods(clusters.kubectl, namespace);
    await clusters.run('apply', '-f', sampleFile);
    await clusters.settled(name, 3, oldest);
  }, 600_000);

  afterAll(() => clusters.remove(), 330_000);

  it('has three pods with random names and the label of the cluster, on different nodes', async () => {
    const pods = await clusters.pods(name);
    expect(pods).toHaveLength(3);
    for (const { metadata } of pods) {
      expect(metadata.name).toMatch(new RegExp(`^${name}-[a-z0-9]{10}$`));
      expect(metadata.labels).toMatchObject({ nats_cluster: name });
    }
    expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(3);
  });

  isUsable(oldest);

  it('is upgraded member by member, over the gap between 1.x and 2.x too', async () => {
    await clusters.edit(name, { version: newest, lameDuckDurationSeconds: 30 });
    let fewest = 3;
    await eventually(240, async () => {
      fewest = Math.min(fewest, (await clusters.pods(name)).filter(isReady).length);
      await clusters.expectSettled(name, 3, newest);
    });
    expect(fewest).toBeGreaterThanOrEqual(2);
  }, 600_000);

  isUsable(newest);

  it('grows and shrinks from the highest ordinal', async () => {
    await clusters.edit(name, { size: 5 });
    await clusters.settled(name, 5, newest);
    await clusters.edit(name, { size: 3 });
    await clusters.settled(name, 3, newest);
    const members = await clusters.members(name);
    expect(members.map(({ metadata }) => metadata.labels['nats.io/member'])).toEqual(['0', '1', '2']);
  }, 900_000);

  it('stops an upgrade to a version that does not exist, says so, and goes back by itself', async () => {
    await clusters.edit(name, { version: '2.99.0' });
    await clusters.condition(name, 'Degraded', 'True', 'nats:2.99.0', 120);
    expect((await clusters.pods(name)).filter(isReady)).toHaveLength(2);
    await clusters.edit(name, { version: newest });
    await clusters.settled(name, 3, newest);
  }, 600_000);

  it('leaves nothing behind when it is deleted', async () => {
    await clusters.run('delete', 'nats', name, '--timeout=150s');
    await eventually(120, async () => {
      expect(await clusters.owned(name)).toBe('');
    });
  }, 330_000);

  /** All that a user sees of it, on that version. */
  function isUsable(version: string): void {
    describe(`of ${version}`, () => {
      it('is listed by its short name with what people want to know', async () => {
        const [head = '', line = ''] = (await clusters.run('get', 'nats')).split('\n');
        expect(head).toMatch(/^NAME +SIZE +READY +VERSION +STATUS +AGE/);
        expect(line).toMatch(new RegExp(`^${name} +3 +3 +${version.replaceAll('.', '\\.')} +Running`));
      });

      it('has a client service and a headless service', async () => {
        const { kubectl } = clusters;
        const client = await kubectl.get<{ spec: object }>('service', name, '-n', namespace);
        expect(client.spec).toMatchObject({ type: 'ClusterIP', ports: [{ port: 4222, protocol: 'TCP' }] });
        const routes = await kubectl.get<{ spec: object }>('service', `${name}-routes`, '-n', namespace);
        expect(routes.spec).toMatchObject({ clusterIP: 'None', ports: [{ port: 6222 }, { port: 8222 }] });
      });

      it('gives each pod a DNS record', async () => {
        for (const [ordinal, pod] of (await clusters.members(name)).entries()) {
          const server = `${name}-${ordinal}.${name}-routes.${namespace}.svc:4222`;
          const answer = await clients.run(`lookup-${ordinal}`, ['rtt', '--server', server]);
          expect(answer).toContain(`${pod.status.podIP}:4222`);
        }
      }, 240_000);

      it('gives its headless service one A record for each pod', async () => {
        // DNS hears a moment later which pods there are, and keeps an answer for a while
        await eventually(120, async () => {
          const addresses = (await clusters.pods(name)).map(({ status }) => status.podIP).sort();
          const records = await clients.addressesOf(`${name}-routes.${namespace}.svc.cluster.local`);
          expect(records.sort()).toEqual(addresses);
        });
      }, 240_000);

      it('carries a message between clients of its service', async () => {
        const server = ['--server', `${name}:4222`];
        await clients.start('listener', ['subscribe', 'greetings', '--count=1', ...server]);
        await eventually(120, async () => {
          await clients.run('publisher', ['publish', 'greetings', 'hello', ...server]);
          expect(await clients.logs('listener')).toContain('hello');
        });
      }, 240_000);

      it('logs what debug and trace show when asked to, and no longer when not', async () => {
        await clusters.edit(name, { logging: { debug: true, trace: true } });
        await eventually(240, async () => {
          await clusters.expectSettled(name, 3, version);
          for (const log of await logsOfAVisit(version)) {
            expect(log).toContain('[DBG]');
            expect(log).toContain('[TRC]');
          }
        });
        await clusters.edit(name, { logging: { debug: false, trace: false } });
        await eventually(240, async () => {
          await clusters.expectSettled(name, 3, version);
          for (const log of await logsOfAVisit(version)) expect(log).not.toMatch(/\[(DBG|TRC)\]/);
        });
      }, 600_000);
    });
  }

  /** What each server logs while a client visits it. */
  async function logsOfAVisit(version: string): Promise<string[]> {
    const members = await clusters.members(name);
    const since = new Date().toISOString();
    for (const ordinal of members.keys()) {
      const server = `${name}-${ordinal}.${name}-routes.${namespace}.svc:4222`;
      await clients.run(`visitor-of-${version.replaceAll('.', '-')}`, ['rtt', '--server', server]);
    }
    return Promise.all(members.map(({ metadata }) => clusters.run('logs', metadata.name, `--since-time=${since}`)));
  }
});
