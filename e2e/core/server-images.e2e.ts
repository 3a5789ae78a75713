import { currentCluster } from '../cluster/current';
import { eventually } from '../cluster/eventually';
import { Kubectl } from '../cluster/kubectl';
import { natsVersions } from '../cluster/versions';
import { restricted, restrictedPod } from '../testing/client-pods';

const namespace = 'server-images';
const podOf = (version: string) => `nats-${version.replaceAll('.', '-')}`;
const fromCommand = natsVersions.filter((version) => !version.startsWith('1.'));

// Pods leave the entry point to the image, or name the program and leave the path to it: both as with the official images.
describe('the image of a NATS server', () => {
  let kubectl: Kubectl;

  beforeAll(async () => {
    kubectl = new Kubectl((await currentCluster()).kubeconfig());
    await kubectl.run('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=150s');
    const enforced = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    // pods are refused until the namespace has its service account
    await eventually(60, () =>
      kubectl.apply(
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: enforced } },
        ...natsVersions.map((version) => pod(podOf(version), version)),
        ...fromCommand.map((version) => pod(`${podOf(version)}-command`, version, ['nats-server', '-m', '8222'])),
      ),
    );
  }, 240_000);

  afterAll(async () => {
    await kubectl.run('delete', 'namespace', namespace, '--timeout=150s');
  }, 240_000);

  it.each(natsVersions)('%s starts without arguments', (version) => expectVersion(podOf(version), version), 240_000);

  it.each(fromCommand)(
    '%s is found by its name alone',
    (version) => expectVersion(`${podOf(version)}-command`, version),
    240_000,
  );

  async function expectVersion(name: string, version: string): Promise<void> {
    await eventually(150, async () => {
      const varz = await kubectl.proxy(namespace, name, 8222, '/varz');
      expect(JSON.parse(varz)).toMatchObject({ version });
    });
  }

  function pod(name: string, version: string, command?: string[]): object {
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: {
        securityContext: restrictedPod,
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'nats',
            image: `nats:${version}`,
            imagePullPolicy: 'IfNotPresent',
            command,
            securityContext: restricted,
          },
        ],
      },
    };
  }
});
