import { has } from '../../nats/capabilities';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { requestAnnotations, requestsOf } from '../../resources/nats-cluster/requests';
import { configFile, memberFile, serverNameVariable } from '../config-secret';
import { externalAddress } from '../external-addresses';
import { listenersOf, metricsPort } from '../listeners';
import {
  awayFromAnnotation,
  clientPort,
  configSecretName,
  memberLabel,
  memberName,
  monitoringPort,
  routesAnnotation,
  routesPort,
  routesServiceName,
  selectorLabels,
  serverContainer,
  streamsOfAnnotation,
} from '../names';
import { storeFolder, streamsOf } from '../nats-conf/jetstream';
import { lameDuckSeconds } from '../nats-conf/lame-duck';
import { owned } from '../owned';
import { routesHash } from '../restart-hash';
import { type Secrets } from '../secrets';
import { awayFrom } from './away-from';
import { configFolder, pidFile, runFolder } from './folders';
import { goMemoryLimit } from './memory';
import { merge } from './merge';
import { mountedSecrets } from './mounted-secrets';
import { probes } from './probes';
import { containerSecurity, podSecurity } from './security';
import { sidecars } from './sidecars';

/** Seconds between the end of the lame duck mode and the kill: streams and connections are closed in it. */
const shutdownSeconds = 30;

/**
 * A pod that runs a member. What the user's template says is its base; what the operator needs is laid over it. The name is
 * the caller's, who makes sure that it is new. `secrets` are the user's own, as far as the spec refers to them.
 */
export function memberPod(cluster: NatsCluster, ordinal: number, name: string, secrets: Secrets = new Map()) {
  const { spec } = cluster;
  const decoration = spec.template?.metadata;
  const mode = streamsOf(spec);
  const requests = requestsOf(cluster.metadata);
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: {
        ...decoration?.labels,
        ...spec.pod?.labels,
        ...selectorLabels(cluster),
        nats_version: spec.version,
        [memberLabel]: String(ordinal),
      },
      annotations: {
        ...(spec.pod?.enableMetrics && scraped),
        ...decoration?.annotations,
        ...spec.pod?.annotations,
        'nats.version': spec.version, // as nats-operator 0.8 had it
        ...(mode && { [streamsOfAnnotation]: mode }),
        [routesAnnotation]: routesHash(spec),
        ...(requests.restart && { [requestAnnotations.restart]: requests.restart }),
        ...(requests.awayFrom.length > 0 && { [awayFromAnnotation]: requests.awayFrom.join() }),
      },
    },
    spec: keptOff(merge(baseOf(cluster), podSpec(cluster, ordinal, name, secrets)), requests.awayFrom),
  };
  return owned(cluster, pod);
}

/** Kept off these nodes. */
function keptOff(spec: Record<string, unknown>, nodes: readonly string[]): Record<string, unknown> {
  return { ...spec, affinity: awayFrom(spec.affinity as object | undefined, nodes) };
}

/** The user's template over what is only a default of ours. */
function baseOf(cluster: NatsCluster): Record<string, unknown> {
  const { spec } = cluster;
  const template = (spec.template?.spec ?? {}) as unknown as Record<string, unknown>;
  const defaults = {
    securityContext: podSecurity,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: lameDuckSeconds(spec.lameDuck.durationSeconds) + shutdownSeconds,
    ...(!template.topologySpreadConstraints && { topologySpreadConstraints: spread(cluster) }),
    ...(!template.affinity && { affinity: zonesApart(cluster) }),
    containers: [{ name: serverContainer, securityContext: containerSecurity, ...lastWords, ...probes(spec) }],
  };
  return merge(defaults, template);
}

/** Its status keeps what a server that ended said last: that is why it does not take its config. */
const lastWords = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const;

/** What the operator needs, whatever the template says. */
function podSpec(cluster: NatsCluster, ordinal: number, name: string, secrets: Secrets): Record<string, unknown> {
  const { spec } = cluster;
  const { pod } = spec;
  return {
    // the DNS name of the member, whatever its pod is called
    hostname: memberName(cluster, ordinal),
    subdomain: routesServiceName(cluster),
    restartPolicy: 'Always',
    shareProcessNamespace: pod?.enableConfigReload || undefined,
    containers: [container(cluster, ordinal, name), ...sidecars(cluster, ordinal, secrets)],
    volumes: [
      { name: 'config', secret: { secretName: configSecretName(cluster) } },
      { name: 'run', emptyDir: {} },
      ...storeVolume(cluster, ordinal),
      ...mountedSecrets(cluster).map(({ name: volume, secret }) => ({ name: volume, secret: { secretName: secret } })),
    ],
    nodeSelector: pod?.nodeSelector,
    tolerations: pod?.tolerations,
    imagePullSecrets: spec.image.pullSecrets,
    affinity: pod?.antiAffinity ? { podAntiAffinity: antiAffinity(cluster) } : undefined,
  };
}

function container(cluster: NatsCluster, ordinal: number, podName: string): Record<string, unknown> {
  const { spec } = cluster;
  const { pod } = spec;
  // by its config file: see memberFile
  const named = has(spec.version, 'reload');
  const memoryLimit = goMemoryLimit(pod?.resources?.limits?.memory);
  return {
    name: serverContainer,
    image: `${spec.serverImage}:${spec.version}`,
    imagePullPolicy: spec.image.pullPolicy,
    // args only: the entry point is the image's, /gnatsd before 2.0
    args: [
      ...['-c', `${configFolder}/${named ? memberFile : configFile}`, '-P', pidFile],
      ...(has(spec.version, 'serverName') && !named ? ['--name', memberName(cluster, ordinal)] : []),
    ],
    ports: [
      port('cluster', routesPort),
      port('monitoring', monitoringPort),
      port('client', clientPort, pod?.enableClientsHostPort),
      ...listenersOf(spec).map(({ containerPort, port: number, onHost }) => port(containerPort, number, onHost)),
    ],
    env: [
      // the last one is for images from scratch, whose server lies at the root: preStop finds it by name
      { name: 'PATH', value: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/' },
      ...(named ? [{ name: serverNameVariable, value: JSON.stringify(memberName(cluster, ordinal)) }] : []),
      ...(memoryLimit ? [{ name: 'GOMEMLIMIT', value: memoryLimit }] : []),
      ...(pod?.advertiseExternalIP ? [externalAddress(cluster, podName)] : []),
      ...(pod?.natsEnv ?? []),
    ],
    resources: pod?.resources,
    volumeMounts: [
      { name: 'config', mountPath: configFolder, readOnly: true },
      { name: 'run', mountPath: runFolder },
      ...(spec.jetstream ? [{ name: 'store', mountPath: storeFolder }] : []),
      ...mountedSecrets(cluster).map(({ name, folder }) => ({ name, mountPath: folder, readOnly: true })),
      ...(pod?.volumeMounts ?? []),
    ],
    // From 2.2 on a server in lame duck mode ignores the SIGTERM that follows, and ends when its clients are gone.
    lifecycle: has(spec.version, 'lameDuck')
      ? { preStop: { exec: { command: ['nats-server', '--signal', `ldm=${pidFile}`] } } }
      : undefined,
  };
}

function port(name: string, containerPort: number, onHost = false) {
  return { name, containerPort, protocol: 'TCP', ...(onHost && { hostPort: containerPort }) };
}

/** Where JetStream keeps its files: without a claim it needs a place too, for what it knows of the cluster. */
function storeVolume(cluster: NatsCluster, ordinal: number): object[] {
  const { jetstream } = cluster.spec;
  if (!jetstream) return [];
  const volume = jetstream.fileStorage
    ? { persistentVolumeClaim: { claimName: memberName(cluster, ordinal) } }
    : { emptyDir: {} };
  return [{ name: 'store', ...volume }];
}

/** What a Prometheus without its operator looks for, as nats-operator 0.8 wrote it. */
const scraped = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(metricsPort) };

/** Over nodes where there are several; a cluster with fewer nodes than members still runs. */
function spread(cluster: NatsCluster) {
  return [
    {
      topologyKey: 'kubernetes.io/hostname',
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selectorLabels(cluster) },
    },
  ];
}

/**
 * Over zones. Not as a second spread constraint: the scheduler leaves out every node that lacks one of the constraints'
 * labels, so that in a Kubernetes without zones nothing would be spread at all.
 */
function zonesApart(cluster: NatsCluster) {
  const labelSelector = { matchLabels: selectorLabels(cluster) };
  const podAffinityTerm = { labelSelector, topologyKey: 'topology.kubernetes.io/zone' };
  return { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 50, podAffinityTerm }] } };
}

function antiAffinity(cluster: NatsCluster) {
  const term = { labelSelector: { matchLabels: selectorLabels(cluster) }, topologyKey: 'kubernetes.io/hostname' };
  return { requiredDuringSchedulingIgnoredDuringExecution: [term] };
}
