import { join, resolve } from 'node:path';
import { manifest, operatorImage } from '../../deploy/manifest';
import { binaries } from './binaries/binaries';
import { currentCluster } from './current';
import { Failure, runTool } from './failure';
import { howToUse } from './how-to-use';
import { Kubectl } from './kubectl';
import { Progress } from './progress';
import { projectFolder } from './project';
import { testArchive } from './images/archives';
import { natsVersions } from './versions';

const usage = 'use: binaries | up <nodes> | down | load <archive> | deploy [image] | undeploy | kubeconfig';

/** What the Makefile calls: everything that a person does with a test cluster. */
const commands: Record<string, (argument: string | undefined) => Promise<void>> = {
  async binaries() {
    const servers = natsVersions.map((version) => `nats-server-${version}` as const);
    await binaries('kubernetes', 'etcd', 'kwok', ...servers);
  },
  async up(nodes) {
    const cluster = await currentCluster();
    await cluster.up(nodeCount(nodes));
    await cluster.loadImage(await testArchive());
    console.log(`The cluster is up. To use it:\n\n${await howToUse(cluster)}\n`);
  },
  async down() {
    await (await currentCluster()).down();
  },
  async load(archive) {
    if (!archive) throw new Failure(usage);
    await (await currentCluster()).loadImage(resolve(archive));
  },
  async deploy(image = operatorImage()) {
    const kubectl = new Kubectl((await currentCluster()).kubeconfig());
    const deployment = ['deployment/nats-operator', '-n', 'default'];
    const generation = () =>
      kubectl.run('get', ...deployment, '--ignore-not-found', '-o', 'jsonpath={.metadata.generation}');
    const progress = new Progress(2);
    await progress.step(`apply example/deployment.yaml with ${image}`, async () => {
      const before = await generation();
      await kubectl.applyText(manifest(image));
      // nothing changed for Kubernetes, but the image may be another one under the same name
      if ((await generation()) === before) await kubectl.run('rollout', 'restart', ...deployment);
    });
    await progress.step('both replicas are ready', () =>
      kubectl.run('rollout', 'status', ...deployment, '--timeout=120s'),
    );
  },
  async undeploy() {
    const kubectl = new Kubectl((await currentCluster()).kubeconfig());
    // not the CRDs: every cluster would go with them
    for (const file of ['deployment.yaml', 'rbac.yaml']) {
      await kubectl.run('delete', '--ignore-not-found', '-f', join(projectFolder, 'deploy', file));
    }
  },
  async kubeconfig() {
    console.log((await currentCluster()).kubeconfig());
  },
};

function nodeCount(text: string | undefined): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 9) throw new Failure(`NODES=${text ?? ''} must be 1 to 9`);
  return count;
}

void runTool(async () => {
  const [name = '', argument] = process.argv.slice(2);
  const command = commands[name];
  if (!command) throw new Failure(usage);
  await command(argument);
});
