import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';

/** The part of a cluster that its names are made from. */
export interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Label of everything that belongs to a cluster; the operator's caches select by it. */
export const clusterLabel = 'nats_cluster';

/** Label of a pod: the ordinal of its member. */
export const memberLabel = 'nats.io/member';

/** Annotation of a pod: stands for the parts of the spec that need a restart, as they were when it was made. */
export const restartHashAnnotation = 'nats.io/restart-hash';

/** Annotation of a pod: stands for what decides whose routes its server takes; see `routesHash`. */
export const routesAnnotation = 'nats.io/routes';

/** Annotation of a pod: whether its server speaks TLS on its routes, `on` or `off`. */
export const routesTlsAnnotation = 'nats.io/routes-tls';

/** Annotation of a pod that can reload: id of the config that its server is known to have loaded. */
export const configAnnotation = 'nats.io/config';

/** Annotation of a pod that can reload: how often its server had started again by itself when its config was seen; without it never. */
export const restartsAnnotation = 'nats.io/config-restarts';

/** Annotation of a pod that can't reload: stands for the certificates that it was made with. */
export const certificatesAnnotation = 'nats.io/certificates';

/** Annotation of a NatsCluster: another value makes another password of the operator's user in the system account. */
export const rotateAnnotation = 'nats.io/rotate-system-password';

/** Annotation of a pod: stands for what the secrets of authentication held when it was made, but for what is reloaded. */
export const secretsAnnotation = 'nats.io/secrets-hash';

/** Annotation of a pod: the nodes that it is kept off, where the cluster was to move away from some when it was made. */
export const awayFromAnnotation = 'nats.io/away-from';

/** The server's container. */
export const serverContainer = 'nats';

export const clientPort = 4222;
export const routesPort = 6222;
export const monitoringPort = 8222;

/** Service for clients. */
export function clientServiceName({ metadata }: Named): string {
  return metadata.name;
}

/** Headless service that gives each member its DNS name. */
export function routesServiceName({ metadata }: Named): string {
  return `${metadata.name}-routes`;
}

/** Headless service of nats-operator 0.8. */
export function managementServiceName({ metadata }: { readonly metadata: { readonly name: string } }): string {
  return `${metadata.name}-mgmt`;
}

/** Secret with nats.conf: it holds passwords, so it is no ConfigMap. */
export function configSecretName({ metadata }: Named): string {
  return metadata.name;
}

export function disruptionBudgetName({ metadata }: Named): string {
  return metadata.name;
}

export function networkPolicyName({ metadata }: Named): string {
  return metadata.name;
}

export function podMonitorName({ metadata }: Named): string {
  return metadata.name;
}

/** Name of a member: its host name and its server name. */
export function memberName({ metadata }: Named, ordinal: number): string {
  return `${metadata.name}-${ordinal}`;
}

/** DNS name of a member, whatever the domain of the Kubernetes cluster is. */
export function memberAddress(cluster: Named, ordinal: number): string {
  return `${memberName(cluster, ordinal)}.${routesServiceName(cluster)}.${cluster.metadata.namespace}.svc`;
}

/** URL for clients in the Kubernetes cluster. */
export function clientUrl(cluster: Pick<NatsCluster, 'metadata' | 'spec'>): string {
  const scheme = cluster.spec.tls?.serverSecret ? 'tls' : 'nats';
  return `${scheme}://${clientServiceName(cluster)}.${cluster.metadata.namespace}.svc:${clientPort}`;
}

/** Labels that select all pods of a cluster, as nats-operator 0.8 set them. */
export function selectorLabels({ metadata }: Named): Record<string, string> {
  return { app: 'nats', [clusterLabel]: metadata.name };
}

/** Annotation of a claim and of a pod with JetStream: whether its streams are those of one server or of a cluster. */
export const streamsOfAnnotation = 'nats.io/streams-of';

/** Annotation of the config secret and of a pod with JetStream: names of the other clusters that gateways join the servers to. */
export const gatewaysAnnotation = 'nats.io/gateways';

/** Annotation of a pod with JetStream and of its claim: stands for the key that its server writes files with. */
export const encryptionAnnotation = 'nats.io/jetstream-key';
