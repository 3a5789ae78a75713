import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { binaries } from '../../e2e/cluster/binaries/binaries';
import { eventually } from '../../e2e/cluster/eventually';
import { Kubectl } from '../../e2e/cluster/kubectl';
import { projectFolder } from '../../e2e/cluster/project';
import { predecessorObjects, predecessorStatus } from '../../e2e/testing/predecessor';
import { predecessorCrds } from '../../e2e/testing/predecessor-crds';
import { natsClusterKind } from '../controllers/nats-cluster/kind';
import { natsServiceRoleKind } from '../controllers/nats-service-role/kind';
import { type Key, type NewObject, type StoredObject } from '../kubernetes/object';
import { kinds, type ResourceKind } from '../kubernetes/resource-kind';
import { KwokCluster } from './kwok-cluster';

const namespace = 'default';
const patience = 120;

/** What 0.8 was installed from. */
export const predecessorFile = 'e2e/testing/nats-operator-0.8.yaml';

/** The token of service account `app`. */
export const tokenOf08 = 'token-of-0.8';

/** A cluster. Servers before 2.10 take all that is new with a restart: those of KWOK pods could not be asked to reload. */
export const busy = {
  ...{ name: 'busy', size: 3, version: '2.9.25' },
  authorization: {
    users: [{ username: 'app', password: tokenOf08, permissions: { publish: ['orders.*'], subscribe: ['>'] } }],
  },
};

/** The kinds as clients of 0.8 read and write them. */
export const clusterOf08 = { ...natsClusterKind, version: 'v1alpha2' };
export const roleOf08 = { ...natsServiceRoleKind, version: 'v1alpha2' };

/** The files of its user. */
export const clusterFile = (size: number) => ({
  ...{ apiVersion: 'nats.io/v1alpha2', kind: 'NatsCluster', metadata: { name: busy.name } },
  spec: { size, version: busy.version, auth: { enableServiceAccounts: true } },
});
export const roleFile = (publish: string) => ({
  ...{ apiVersion: 'nats.io/v1alpha2', kind: 'NatsServiceRole' },
  metadata: { name: 'app', labels: { nats_cluster: busy.name } },
  spec: { permissions: { publish: [publish] } },
});

/** An API server with KWOK nodes on which nats-operator 0.8 was installed, with its CRDs, and has made a cluster and its user. */
export class PredecessorOnKwok {
  readonly kubectl: Kubectl;

  private constructor(
    readonly kwok: KwokCluster,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.kubectl = new Kubectl(kwok.controlPlane.kubeconfig);
  }

  static async start(): Promise<PredecessorOnKwok> {
    const kwok = await KwokCluster.start({ crds: [] });
    try {
      const { folder, kubeconfig } = kwok.controlPlane;
      const { kubernetes } = await binaries('kubernetes');
      symlinkSync(kubernetes, join(folder, 'kubectl'));
      const PATH = [folder, process.env.PATH].join(delimiter);
      // what kubectl remembers of an API server is of another one
      const made = new PredecessorOnKwok(kwok, { ...process.env, PATH, KUBECONFIG: kubeconfig, KUBECACHEDIR: folder });
      for (const crd of predecessorCrds) await kwok.client.create(kinds.customResourceDefinition, crd);
      await made.sh(`kubectl apply -f ${predecessorFile}`);
      await eventually(patience, () => made.apply(clusterFile(busy.size)));
      await eventually(patience, () => made.apply(roleFile('orders.*')));
      await made.leaveAsIfRun();
      return made;
    } catch (error) {
      await kwok.remove();
      throw error;
    }
  }

  /** What 0.8 does first of all when it is started: it replaces the specs of its CRDs. */
  async startAs08(): Promise<void> {
    const { client } = this.kwok;
    for (const { metadata, spec } of predecessorCrds) {
      const stored = await this.stored(kinds.customResourceDefinition, metadata);
      await client.replace(kinds.customResourceDefinition, { ...stored, spec } as NewObject);
    }
  }

  /** Applies an object, as a user does it with files of theirs. */
  apply(resource: object): Promise<string> {
    return this.sh(`kubectl apply -f - <<'END'\n${JSON.stringify(resource)}\nEND`);
  }

  /** Runs commands as the admin who follows the guide. Throws with what they complain of, also when they do not end. */
  async sh(commands: string): Promise<string> {
    const script = `set -euo pipefail\n${commands}`;
    // it ends the whole process group: the guide has a loop that waits for ever
    const limited = ['--verbose', `${patience + 30}`, 'bash', '-c', script];
    const { stdout } = await promisify(execFile)('timeout', limited, { cwd: projectFolder, env: this.env });
    return stdout;
  }

  /** All that a path of an object is from now on until the end, one a line. */
  async watched(object: string, path: string): Promise<{ end(): string[] }> {
    let seen = '';
    const watch = await this.kubectl.spawn('get', object, '--watch', '-n', namespace, '-o', `jsonpath=${path}{"\\n"}`);
    watch.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await eventually(patience, async () => {
      expect(await Promise.resolve(seen)).not.toBe('');
    });
    return {
      end() {
        watch.kill();
        return seen.split('\n').filter(Boolean);
      },
    };
  }

  /** An object that is there. */
  async stored<T extends StoredObject>(kind: ResourceKind, key: Key): Promise<T> {
    const found = await this.kwok.client.get<T>(kind, key);
    if (!found) throw new Error(`there is no ${kind.kind} ${key.name}`);
    return found;
  }

  private async leaveAsIfRun(): Promise<void> {
    const { client } = this.kwok;
    // 0.8 knows no status subresource
    await client.mergePatch(clusterOf08, { namespace, name: busy.name }, { status: predecessorStatus(busy) });
    const { uid } = (await this.stored(clusterOf08, { namespace, name: busy.name })).metadata;
    const role = (await this.stored(roleOf08, { namespace, name: 'app' })).metadata;
    const owner = {
      apiVersion: 'nats.io/v1alpha2',
      kind: 'NatsServiceRole',
      name: 'app',
      uid: role.uid,
      controller: true,
    };
    await this.kubectl.apply(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          ...{ name: 'app-busy-bound-token', namespace, ownerReferences: [owner] },
          labels: { app: 'nats', nats_cluster: busy.name },
        },
        stringData: { token: tokenOf08 },
      },
      ...predecessorObjects(busy, { namespace, uid }),
    );
    await this.sh('kubectl wait --for=condition=Ready pod/busy-1 pod/busy-2 pod/busy-3 --timeout=60s');
  }
}
