import { managementServiceName } from '../../src/templates/names';
import { type NatsClusters } from './nats-clusters';

/** A cluster of 0.8. */
export interface Predecessor {
  readonly name: string;
  readonly size: number;
  readonly version: string;
  /** The users of clients, in nats.conf. */
  readonly authorization?: object;
  /** Secrets with certificates, under the keys that 0.8 has by default, and the secret with the users of clients and what is in it. */
  readonly secured?: {
    readonly serverSecret: string;
    readonly routesSecret: string;
    readonly clientsAuthSecret: string;
    readonly authorization: object;
  };
}

const certificates = { server: '/etc/nats-server-tls-certs', routes: '/etc/nats-routes-tls-certs' };

/**
 * A cluster as nats-operator 0.8.3 leaves it (pkg/util/kubernetes/kubernetes.go): its resource, pods, services and secret. The
 * resource is paused, so that the operator under test, which may run already, does not come before they are there.
 */
export async function makePredecessor(clusters: NatsClusters, predecessor: Predecessor): Promise<void> {
  const { namespace, kubectl } = clusters;
  const { name, size, version, secured } = predecessor;
  // 0.8 knew no security context
  await kubectl.run('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce-');
  await kubectl.apply({
    apiVersion: 'nats.io/v1alpha2',
    kind: 'NatsCluster',
    metadata: { name, namespace },
    spec: {
      ...{ size, version, paused: true },
      ...(secured && {
        tls: { serverSecret: secured.serverSecret, routesSecret: secured.routesSecret },
        auth: { clientsAuthSecret: secured.clientsAuthSecret },
      }),
    },
  });
  const status = predecessorStatus(predecessor);
  await clusters.run('patch', 'nats', name, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
  const { metadata } = await kubectl.get<{ metadata: { uid: string } }>('nats', name, '-n', namespace);
  await kubectl.apply(...predecessorObjects(predecessor, { namespace, uid: metadata.uid }));
  await clusters.run(
    'wait',
    '--for=condition=Ready',
    '--timeout=60s',
    ...podNames(predecessor).map((pod) => `pod/${pod}`),
  );
}

/** All that 0.8.3 makes for a NatsCluster of that namespace and uid. */
export function predecessorObjects(
  predecessor: Predecessor,
  { namespace, uid }: { readonly namespace: string; readonly uid: string },
): object[] {
  const { name, version, secured } = predecessor;
  const owner = { apiVersion: 'nats.io/v1alpha2', kind: 'NatsCluster', name, uid, controller: true };
  const owned = (object: { name: string; labels?: object; annotations?: object }) => ({
    namespace,
    labels: { app: 'nats', nats_cluster: name },
    ownerReferences: [owner],
    ...object,
  });
  const pods = podNames(predecessor);
  const port = (portName: string, number: number) => ({
    name: portName,
    port: number,
    targetPort: number,
    protocol: 'TCP',
  });
  const selector = { app: 'nats', nats_cluster: name };
  const routes = pods.map(
    (pod) => `nats://${pod}.${managementServiceName({ metadata: { name } })}.${namespace}.svc:6222`,
  );
  const config = {
    port: 4222,
    http_port: 8222,
    cluster: { port: 6222, routes, tls: secured && tlsOf(certificates.routes, 'route') },
    tls: secured && tlsOf(certificates.server, 'server'),
    authorization: predecessor.authorization ?? secured?.authorization,
    debug: false,
    trace: false,
    logtime: true,
  };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: owned({ name }),
      spec: { selector, ports: [port('tcp-client', 4222)] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: owned({ name: `${name}-mgmt` }),
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: true,
        selector: { ...selector, nats_version: version },
        ports: [port('cluster', 6222), port('monitoring', 8222), port('metrics', 7777)],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: owned({ name }),
      stringData: { 'nats.conf': JSON.stringify(config) },
    },
    ...pods.map((pod) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: owned({
        name: pod,
        labels: { app: 'nats', nats_cluster: name, nats_version: version },
        annotations: { 'nats.version': version },
      }),
      spec: {
        hostname: pod,
        subdomain: `${name}-mgmt`,
        restartPolicy: 'Always',
        containers: [container(version, `${pod}.${name}-mgmt.${namespace}.svc`, secured !== undefined)],
        volumes: [
          { name: 'nats-config', secret: { secretName: name } },
          { name: 'pid', emptyDir: {} },
          ...(secured
            ? [
                { name: 'server-tls-certs', secret: { secretName: secured.serverSecret } },
                { name: 'routes-tls-certs', secret: { secretName: secured.routesSecret } },
              ]
            : []),
        ],
      },
    })),
  ];
}

function podNames({ name, size }: Predecessor): string[] {
  return Array.from({ length: size }, (_, index) => `${name}-${(index + 1).toString(16)}`);
}

function tlsOf(folder: string, file: string): object {
  const key = `${folder}/${file}-key.pem`;
  return { ca_file: `${folder}/ca.pem`, cert_file: `${folder}/${file}.pem`, key_file: key };
}

function container(version: string, advertised: string, hasCertificates: boolean): object {
  return {
    name: 'nats',
    image: `nats:${version}`,
    imagePullPolicy: 'IfNotPresent',
    command: [
      version.startsWith('1.') ? '/gnatsd' : '/nats-server',
      ...['-c', '/etc/nats-config/nats.conf', '-P', '/var/run/nats/nats.pid'],
      ...['--cluster_advertise', advertised, '--connect_retries', '10'],
    ],
    ports: [
      { name: 'cluster', containerPort: 6222, protocol: 'TCP' },
      { name: 'monitoring', containerPort: 8222, protocol: 'TCP' },
      { name: 'client', containerPort: 4222, protocol: 'TCP' },
    ],
    livenessProbe: {
      httpGet: { path: '/', port: 8222 },
      ...{ initialDelaySeconds: 10, timeoutSeconds: 10, periodSeconds: 60, failureThreshold: 3 },
    },
    volumeMounts: [
      { name: 'nats-config', mountPath: '/etc/nats-config' },
      { name: 'pid', mountPath: '/var/run/nats' },
      ...(hasCertificates
        ? [
            { name: 'server-tls-certs', mountPath: certificates.server },
            { name: 'routes-tls-certs', mountPath: certificates.routes },
          ]
        : []),
    ],
  };
}

/** What 0.8 wrote: a type may come twice, and there is no status of a condition. */
export function predecessorStatus({ size, version }: Predecessor) {
  return {
    phase: 'Running',
    controlPaused: false,
    size,
    currentVersion: version,
    conditions: [
      { type: 'ScalingUp', reason: 'Current cluster size: 0, desired cluster size: 1' },
      { type: 'ScalingUp', reason: `Current cluster size: 1, desired cluster size: ${size}` },
      { type: 'Ready', reason: 'current state matches desired state' },
    ],
  };
}
