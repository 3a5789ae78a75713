import { natsClusterKind } from '../src/controllers/nats-cluster/kind';
import { type ApiClient } from '../src/kubernetes/api-client';
import { type NewObject } from '../src/kubernetes/object';
import { kinds, type ResourceKind } from '../src/kubernetes/resource-kind';
import { aCluster } from '../src/resources/testing/a-cluster';
import { clientService } from '../src/templates/client-service';
import { renderedConf } from '../src/templates/nats-conf/nats-conf';
import { configSecret } from '../src/templates/config-secret';
import { disruptionBudget } from '../src/templates/disruption-budget';
import { memberPod } from '../src/templates/pod/pod';
import { routesService } from '../src/templates/routes-service';

export const size = 3;
export const version = '2.15.2';
const namespace = 'default';
/** Calls in flight at once, as the operator has sockets. */
const parallel = 16;

/** Names of so many clusters. */
export function clusterNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `bench-${index}`);
}

/** Writes all objects of these clusters, as fast as the API server takes them. */
export async function createObjects(client: ApiClient, names: readonly string[]): Promise<void> {
  const objects = names.flatMap(objectsOf);
  await inParallel(objects, ([kind, object]) => client.create(kind, object));
}

/** Creates the NatsClusters. */
export async function createClusters(client: ApiClient, names: readonly string[]): Promise<void> {
  const { group, version: apiVersion, kind } = natsClusterKind;
  await inParallel(names, (name) =>
    client.create(natsClusterKind, {
      apiVersion: `${group}/${apiVersion}`,
      kind,
      metadata: { name, namespace },
      spec: { size, version },
    } as NewObject),
  );
}

/** Changes the spec of a cluster. */
export async function edit(client: ApiClient, name: string, spec: object): Promise<void> {
  await client.mergePatch(natsClusterKind, { namespace, name }, { spec });
}

/** Deletes the NatsClusters. */
export async function deleteClusters(client: ApiClient, names: readonly string[]): Promise<void> {
  await inParallel(names, (name) => client.delete(natsClusterKind, { namespace, name }, {}));
}

/** Does the work for each item, some at once. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const shared = items.values();
  const worker = async () => {
    for (const item of shared) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

function objectsOf(name: string): [ResourceKind, NewObject][] {
  const cluster = aCluster({ size, version }, { name, namespace });
  const pods = Array.from({ length: size }, (_, ordinal) => memberPod(cluster, ordinal, `${name}-pod-${ordinal}`));
  const all: [ResourceKind, NewObject | undefined][] = [
    [kinds.secret, configSecret(cluster, renderedConf(cluster, new Map(), [], 'secret'), { now: 'secret' })],
    [kinds.service, clientService(cluster)],
    [kinds.service, routesService(cluster)],
    [kinds.podDisruptionBudget, disruptionBudget(cluster)],
    ...pods.map((pod): [ResourceKind, NewObject] => [kinds.pod, pod as NewObject]),
  ];
  // there is no NatsCluster that could own them
  return all.flatMap(([kind, object]): [ResourceKind, NewObject][] =>
    object
      ? [
          [
            kind,
            {
              ...object,
              metadata: { ...object.metadata, namespace, ownerReferences: undefined } as NewObject['metadata'],
            },
          ],
        ]
      : [],
  );
}
