import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { binaries } from '../cluster/binaries/binaries';
import { eventually } from '../cluster/eventually';
import { natsBoxImage } from '../cluster/images/archives';
import { projectFolder } from '../cluster/project';
import { makeRelease } from '../testing/helm-release';
import { NatsClusters } from '../testing/nats-clusters';

const namespace = 'helm';
const name = 'nats';
const size = 3;
const version = '2.14.9';
const messages = 500;

const text = readFileSync(join(projectFolder, 'docs', 'migrating-from-helm.md'), 'utf8');
const blocks = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, commands = '']) => commands);
const [names = '', ...steps] = blocks;

// Each test finds what the one before it left. The commands of the document are run as they stand, but for the namespace.
describe('a release of the Helm chart with a stream', () => {
  let clusters: NatsClusters;
  let folder: string;
  let PATH: string;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    await clusters.kubectl.run('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce-');
    folder = mkdtempSync(join(tmpdir(), 'nats-operator-helm-'));
    const { kubernetes } = await binaries('kubernetes');
    symlinkSync(kubernetes, join(folder, 'kubectl'));
    // what `helm uninstall` takes away: everything of the release, and no claim
    writeFileSync(
      join(folder, 'helm'),
      `#!/bin/sh\nkubectl delete -n ${namespace} statefulset,service,configmap,pdb -l app.kubernetes.io/instance=${name}\n`,
    );
    chmodSync(join(folder, 'helm'), 0o755);
    PATH = [folder, process.env.PATH].join(delimiter);
    await makeRelease(clusters, { name, size, version });
    await clusters.run(
      'run',
      'box',
      `--image=${natsBoxImage}`,
      '--image-pull-policy=IfNotPresent',
      '--',
      'sleep',
      'infinity',
    );
    await clusters.run('wait', '--for=condition=Ready', 'pod/box', '--timeout=60s');
    await eventually(90, () =>
      nats('stream add orders --subjects=orders.* --replicas=3 --storage=file --defaults --timeout=5s'),
    );
    await nats(`pub orders.new --count=${messages} -J order`);
    await nats('consumer add orders invoices --pull --ack=explicit --defaults');
  }, 300_000);

  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await clusters.remove();
    await clusters.kubectl.run('delete', 'pv', '--ignore-not-found', ...(await volumes()));
  }, 320_000);

  it.each(steps)(
    '%s',
    async (commands) => {
      await run(commands);
    },
    400_000,
  );

  it('is a NatsCluster now, with all messages, three replicas that are current, and its consumer', async () => {
    await eventually(90, async () => {
      const { state, cluster } = JSON.parse(await nats('stream info orders --json')) as {
        state: { messages: number };
        cluster: { leader: string; replicas: { name: string; current: boolean }[] };
      };
      expect(state.messages).toBe(messages);
      const servers = [cluster.leader, ...cluster.replicas.map((replica) => replica.name)].sort();
      expect(servers).toEqual(['nats-0', 'nats-1', 'nats-2']);
      expect(cluster.replicas.map(({ current }) => current)).toEqual([true, true]);
    });
    expect(await nats('consumer ls orders')).toContain('invoices');
    expect(await nats('pub orders.new -J another 2>&1')).toMatch(/Stored in Stream/i);
  }, 120_000);

  function nats(command: string): Promise<string> {
    return clusters.run('exec', 'box', '--', 'sh', '-c', `nats -s nats://${name}:4222 ${command}`);
  }

  async function volumes(): Promise<string[]> {
    const { items } = await clusters.kubectl.get<{ items: Volume[] }>('pv');
    return items.filter(({ spec }) => spec.claimRef?.namespace === namespace).map(({ metadata }) => metadata.name);
  }

  async function run(commands: string): Promise<void> {
    const script = `set -euo pipefail\n${names.replace('NAMESPACE=default', `NAMESPACE=${namespace}`)}\n${commands}`;
    const env = { ...process.env, PATH, KUBECONFIG: clusters.cluster.kubeconfig() };
    await promisify(execFile)('bash', ['-c', script], { env });
  }
});

interface Volume {
  metadata: { name: string };
  spec: { claimRef?: { namespace: string } };
}
