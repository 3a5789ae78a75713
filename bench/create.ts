import { eventually } from '../e2e/cluster/eventually';
import { Failure, runTool } from '../e2e/cluster/failure';
import { Progress } from '../e2e/cluster/progress';
import { type Pod } from '../src/controllers/nats-cluster/plan/situation';
import { type NewObject } from '../src/kubernetes/object';
import { kinds, type ResourceKind } from '../src/kubernetes/resource-kind';
import { aCluster } from '../src/resources/testing/a-cluster';
import { clientService } from '../src/templates/client-service';
import { configSecret } from '../src/templates/config-secret';
import { clusterLabel } from '../src/templates/names';
import { memberPod } from '../src/templates/pod/pod';
import { routesService } from '../src/templates/routes-service';
import { KwokCluster } from '../src/testing/kwok-cluster';
import { OperatorProcess } from '../src/testing/operator-process';

const size = 3;
const version = '2.15.2';
const namespace = 'default';
const clusters = Number(process.env.CLUSTERS ?? 80);
/** Calls in flight at once, as the operator has sockets. */
const parallel = 16;

// `make bench`: how much longer an operator takes to bring clusters up than the API server needs for their objects, in one
// run on one machine, as absolute times say little. Nodes are KWOK's.
void runTool(async () => {
  if (!(clusters >= 1 && clusters <= 84))
    throw new Failure('CLUSTERS must be 1 to 84: KWOK has 254 addresses for pods');
  const progress = new Progress(3);
  const raw = await progress.step(`${clusters} clusters of ${size}, written as fast as the API server takes them`, () =>
    withControlPlane(timeOfRawObjects),
  );
  const ours = await progress.step(`${clusters} NatsClusters, brought up by the operator`, () =>
    withControlPlane(timeOfOperator),
  );
  const again = await progress.step('the first once more, for the noise of this machine', () =>
    withControlPlane(timeOfRawObjects),
  );
  const limit = (raw + again) / 2;
  console.log(
    `\nraw ${seconds(raw)} and ${seconds(again)}, operator ${seconds(ours)}: ${(ours / limit).toFixed(2)} times the limit`,
  );
});

async function withControlPlane(measure: (cluster: KwokCluster) => Promise<number>): Promise<number> {
  const cluster = await KwokCluster.start();
  try {
    return await measure(cluster);
  } finally {
    await cluster.remove();
  }
}

/** Milliseconds from the first create to the last pod Ready, without any operator. */
async function timeOfRawObjects(cluster: KwokCluster): Promise<number> {
  const objects = names().flatMap((name) => objectsOf(name));
  const began = performance.now();
  await inParallel(objects, ([kind, object]) => cluster.client.create(kind, object));
  await allReady(cluster);
  return performance.now() - began;
}

/** Milliseconds from the first create of a NatsCluster to the last pod Ready. */
async function timeOfOperator(cluster: KwokCluster): Promise<number> {
  const operator = await OperatorProcess.start({
    kubeconfig: cluster.controlPlane.kubeconfig,
    args: ['--leader-elect=false', '--install-crds=false', '--log-level=warn'],
  });
  try {
    await eventually(30, async () => {
      if (!(await operator.isReady())) throw new Error(`the operator is not ready: ${operator.errors}`);
    });
    const began = performance.now();
    await inParallel(names(), (name) => cluster.natsCluster(name).create({ size, version }));
    await allReady(cluster);
    return performance.now() - began;
  } finally {
    operator.signal('SIGTERM');
    await operator.end(30);
  }
}

function names(): string[] {
  return Array.from({ length: clusters }, (_, index) => `bench-${index}`);
}

function objectsOf(name: string): [ResourceKind, NewObject][] {
  const cluster = aCluster({ size, version }, { name, namespace });
  const pods = Array.from({ length: size }, (_, ordinal) => memberPod(cluster, ordinal, `${name}-pod-${ordinal}`));
  const all: [ResourceKind, NewObject][] = [
    [kinds.secret, configSecret(cluster, new Map())],
    [kinds.service, clientService(cluster)],
    [kinds.service, routesService(cluster)],
    ...pods.map((pod): [ResourceKind, NewObject] => [kinds.pod, pod as NewObject]),
  ];
  // there is no NatsCluster that could own them
  return all.map(([kind, object]) => [
    kind,
    { ...object, metadata: { ...object.metadata, namespace, ownerReferences: undefined } as NewObject['metadata'] },
  ]);
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const shared = items.values();
  const worker = async () => {
    for (const item of shared) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

function allReady(cluster: KwokCluster): Promise<void> {
  return eventually(180, async () => {
    const pods = await cluster.client.list<Pod>(kinds.pod, { namespace, labelSelector: clusterLabel });
    const ready = pods.filter(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
    if (ready.length < clusters * size) throw new Error(`${ready.length} of ${clusters * size} pods are ready`);
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
