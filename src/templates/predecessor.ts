import { NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { managementServiceName, routesPort } from './names';

/**
 * What members need to know of pods of nats-operator 0.8 that are still there. Its pods are `<cluster>-1`, `<cluster>-2` and so on
 * in hexadecimal, with DNS names in the headless service `<cluster>-mgmt`.
 */

interface Named {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}

/** Set to `true`, this annotation of a NatsCluster asks for the service `<cluster>-mgmt`, as 0.8 had it. */
export const keepManagementAnnotation = 'nats.io/keep-management-service';

/** Annotation that `besidePredecessors` puts on its copy of a NatsCluster; it is never written. */
const besideAnnotation = 'nats.io/beside-predecessors';

/** The cluster, known to have pods of 0.8: templates then let new and old members find each other. */
export function besidePredecessors(cluster: NatsCluster): NatsCluster {
  const annotations = { ...cluster.metadata.annotations, [besideAnnotation]: 'true' };
  return Object.assign(new NatsCluster(), cluster, { metadata: { ...cluster.metadata, annotations } });
}

/** Whether the cluster has pods of 0.8. */
export function hasPredecessors({ metadata }: Named): boolean {
  return metadata.annotations?.[besideAnnotation] === 'true';
}

/** Whether `<cluster>-mgmt` is to answer: as long as pods have their names in it, or somebody asks for it. */
export function keepsManagementService(cluster: Named): boolean {
  return hasPredecessors(cluster) || cluster.metadata.annotations?.[keepManagementAnnotation] === 'true';
}

/** The names that pods of 0.8 can have. */
export function predecessorName({ metadata }: Named, index: number): string {
  return `${metadata.name}-${index.toString(16)}`;
}

/** The number in the name of a pod of 0.8, from 1 on; undefined where it is no such name. */
export function predecessorIndex({ metadata }: Named, pod: string): number | undefined {
  const suffix = pod.startsWith(`${metadata.name}-`) ? pod.slice(metadata.name.length + 1) : '';
  return /^[1-9a-f][0-9a-f]{0,3}$/.test(suffix) ? parseInt(suffix, 16) : undefined;
}

/**
 * Addresses of the routes to pods of 0.8, where there are any. New members go to the old ones, as those know no name of a new one;
 * all others are told of by gossip. A name whose pod is gone is tried in vain until the last one is.
 */
export function predecessorAddresses(cluster: NatsCluster): string[] {
  if (!hasPredecessors(cluster)) return [];
  const { namespace } = cluster.metadata;
  const service = managementServiceName(cluster);
  const names = Array.from({ length: cluster.spec.size }, (_, index) => predecessorName(cluster, index + 1));
  return names.map((name) => `${name}.${service}.${namespace}.svc:${routesPort}`);
}
