import { readFileSync, writeFileSync } from 'node:fs';
import { type Server } from 'node:http';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { addKwokNodes } from '../e2e/cluster/control-plane/kwok';
import { startControlPlane, type TemporaryControlPlane } from '../e2e/cluster/control-plane/temporary';
import { eventually } from '../e2e/cluster/eventually';
import { projectFolder } from '../e2e/cluster/project';
import { type ApiClient } from '../src/kubernetes/api-client';
import { clientOf } from '../src/kubernetes/testing/clients';
import { requestCounts } from '../src/testing/api-server-counters';
import { OperatorProcess } from '../src/testing/operator-process';
import { answerForPods } from './monitoring-ports';
import { Onlooker } from './onlooker';

const account = 'nats-operator';
const podNetwork = '127.128.0.0/16';
/** Who it runs as, and what it may do: all of the deployment but what needs a container. */
const installed = [
  'CustomResourceDefinition',
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
];

// The API server refuses endpoints of loopback addresses, and controllers would try for ever.
const flags = {
  controllerManager: {
    controllers: '*,-endpoints-controller,-endpointslice-controller,-endpointslice-mirroring-controller',
  },
};

/** A control plane with KWOK's nodes, the operator's CRDs and rights on it, and somebody who watches. */
export class Scene {
  private readonly operators: OperatorProcess[] = [];

  private constructor(
    readonly controlPlane: TemporaryControlPlane,
    /** With all rights: the load's. */
    readonly client: ApiClient,
    readonly onlooker: Onlooker,
    private readonly ports: Server,
  ) {}

  /** Sets it up, does the work, and leaves nothing behind. */
  static async with<T>(work: (scene: Scene) => Promise<T>): Promise<T> {
    const controlPlane = await startControlPlane({ flags });
    let scene: Scene | undefined;
    try {
      await addKwokNodes(controlPlane, 10, { podNetwork });
      await install(controlPlane);
      const { client } = clientOf(controlPlane.kubeconfig);
      const onlooker = await Onlooker.start(client);
      const ports = await answerForPods((ip) => onlooker.neighbours(ip));
      scene = new Scene(controlPlane, client, onlooker, ports);
      return await work(scene);
    } finally {
      await scene?.end();
      await controlPlane.remove();
    }
  }

  /** Starts an operator as its image does, with the rights of its service account; resolves when its caches are filled. */
  async startOperator(name: string, nodeOptions: readonly string[] = []): Promise<OperatorProcess> {
    const kubeconfig = await this.kubeconfigOfOperator();
    const operator = await OperatorProcess.start({ kubeconfig, name, nodeOptions, args: ['--log-level=warn'] });
    this.operators.push(operator);
    await eventually(60, async () => {
      if (!(await operator.isReady())) throw new Error(`the operator is not ready: ${operator.errors}`);
    });
    return operator;
  }

  /** As in a pod: with a token of its service account. */
  private async kubeconfigOfOperator(): Promise<string> {
    const { controlPlane } = this;
    const token = await controlPlane.kubectl('create', 'token', account, '--duration=24h');
    const config = parse(readFileSync(controlPlane.kubeconfig, 'utf8')) as { users: { name: string; user: object }[] };
    const users = config.users.map(({ name }) => ({ name, user: { token: token.trim() } }));
    const path = join(controlPlane.folder, 'operator.kubeconfig');
    writeFileSync(path, stringify({ ...config, users }), { mode: 0o600 });
    return path;
  }

  /** Requests that the API server has answered, by `VERB resource`. */
  async requests(): Promise<Map<string, number>> {
    return requestCounts(await this.controlPlane.kubectl('get', '--raw', '/metrics'));
  }

  private async end(): Promise<void> {
    this.onlooker.stop();
    for (const operator of this.operators) operator.signal('SIGKILL');
    await Promise.all(this.operators.map((operator) => operator.end(30)));
    this.ports.closeAllConnections();
    this.ports.close();
  }
}

async function install(controlPlane: TemporaryControlPlane): Promise<void> {
  const all = parseAllDocuments(readFileSync(join(projectFolder, 'example', 'deployment.yaml'), 'utf8'));
  const parts = all.filter((document) => installed.includes(String(document.get('kind'))));
  const file = join(controlPlane.folder, 'deployment.yaml');
  writeFileSync(file, parts.map(String).join('---\n'));
  await controlPlane.kubectl('apply', '--server-side', '-f', file);
  // kubectl gives up at once on a CRD so new that its conditions are null
  await eventually(30, () => controlPlane.kubectl('wait', '--for=condition=Established', 'crd/natsclusters.nats.io'));
}
