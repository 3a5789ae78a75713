import { join } from 'node:path';
import { currentCluster } from './cluster/current';
import { eventually } from './cluster/eventually';
import { Failure, runTool } from './cluster/failure';
import { howToUse } from './cluster/how-to-use';
import { Kubectl } from './cluster/kubectl';
import { Progress } from './cluster/progress';
import { projectFolder } from './cluster/project';
import { ClientPods } from './testing/client-pods';

const namespace = 'default';
const name = 'example-nats';
const server = ['--server', `${name}:4222`];

// `make demo`, once the operator runs: the sample, a message through it, and what to try next.
void runTool(async () => {
  const cluster = await currentCluster();
  const kubectl = new Kubectl(cluster.kubeconfig());
  const clients = new ClientPods(kubectl, namespace);
  const progress = new Progress(3);

  await progress.step('kubectl apply -f example/cluster.yaml', () =>
    kubectl.run('apply', '-n', namespace, '-f', join(projectFolder, 'example', 'cluster.yaml')),
  );
  await progress.step('its three members are ready', ready);
  const heard = await progress.step('a message through its service', message);
  await kubectl.run('delete', 'pod', '-n', namespace, 'listener', 'publisher', '--wait=false');

  console.log(`\n${await kubectl.run('get', 'nats', '-n', namespace)}`);
  console.log(`A subscriber heard: ${heard}\n`);
  console.log(`To try next:

${await howToUse(cluster)}
  kubectl get nats --watch                         # and in another terminal:
  kubectl delete pod -l nats_cluster=${name}    # it heals
  kubectl scale nats ${name} --replicas=5
  kubectl patch nats ${name} --type=merge -p '{"spec":{"version":"2.15.2"}}'
  kubectl explain natscluster.spec                 # what else there is
  make cluster-down                                # and all is gone
`);

  async function ready(): Promise<void> {
    const read = async () => {
      const path = 'jsonpath={.status.readyMembers} {.spec.size} {.status.conditions[?(@.type=="Ready")].message}';
      const [members = '0', size = '', ...text] = (
        await kubectl.run('get', 'nats', name, '-n', namespace, '-o', path)
      ).split(' ');
      return { isReady: members === size, text: text.join(' ') };
    };
    let said = '';
    await eventually(180, async () => {
      const { isReady, text } = await read();
      if (text !== said && text !== '') process.stderr.write(`         ${text}\n`);
      said = text;
      if (!isReady) throw new Failure(`${name} is not ready: ${text || 'the operator has not seen it yet'}`);
    });
  }

  async function message(): Promise<string> {
    await clients.start('listener', ['subscribe', 'greetings', '--raw', '--count=1', ...server]);
    // published again until the subscriber, which needs a moment to come up, has heard it
    return eventually(60, async () => {
      await clients.run('publisher', ['publish', 'greetings', 'Hello from NATS!', ...server]);
      const heard = /Hello.*/.exec(await clients.logs('listener'))?.[0];
      if (!heard) throw new Failure('the subscriber heard nothing');
      return heard;
    });
  }
});
