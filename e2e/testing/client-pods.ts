import { natsBoxImage, natsCliImage } from '../cluster/images/archives';
import { type Kubectl } from '../cluster/kubectl';

/** Pods with the NATS command line client, for tests to talk to servers from inside. Allowed under the restricted Pod Security Standard. */
export class ClientPods {
  constructor(
    private readonly kubectl: Kubectl,
    private readonly namespace: string,
  ) {}

  /** Starts a pod, in place of one of the same name, on that node or wherever the scheduler likes. */
  async start(name: string, args: string[], node?: string, command?: string[]): Promise<void> {
    const { kubectl, namespace } = this;
    await kubectl.run('delete', '-n', namespace, 'pod', name, '--ignore-not-found', '--grace-period=0', '--force');
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: {
        nodeName: node,
        restartPolicy: 'OnFailure',
        terminationGracePeriodSeconds: 0,
        securityContext: restrictedPod,
        containers: [
          {
            name: 'nats',
            image: command ? natsBoxImage : natsCliImage,
            imagePullPolicy: 'IfNotPresent',
            command,
            args,
            securityContext: restricted,
          },
        ],
      },
    });
  }

  /** Runs the client to its end and returns what it printed. */
  async run(name: string, args: string[], node?: string, command?: string[]): Promise<string> {
    await this.start(name, args, node, command);
    // it is started again until it has found the server: after 10 s, and 20 s more
    const succeeded = '--for=jsonpath={.status.phase}=Succeeded';
    await this.kubectl.run('wait', '-n', this.namespace, succeeded, '--timeout=90s', `pod/${name}`);
    return this.logs(name);
  }

  /** The addresses that cluster DNS has for a name. */
  async addressesOf(host: string): Promise<string[]> {
    const output = await this.run('lookup', [host], undefined, ['nslookup']);
    const answer = output.slice(output.indexOf('Name:')); // before it is the DNS server's own address
    return [...answer.matchAll(/^Address(?: \d+)?: (?<ip>\S+)/gm)].flatMap(({ groups }) => groups?.ip ?? []);
  }

  /** What a pod has printed so far. */
  logs(name: string): Promise<string> {
    return this.kubectl.run('logs', '-n', this.namespace, name);
  }
}

/** Security context of a pod that the restricted Pod Security Standard admits. */
export const restrictedPod = {
  runAsNonRoot: true,
  runAsUser: 1000,
  fsGroup: 1000,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** Security context of its containers. */
export const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
