import { posix } from 'node:path';
import * as semver from 'semver';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { configFile } from '../config-secret';
import { metricsPort } from '../listeners';
import { memberAddress, monitoringPort } from '../names';
import { mountFolders } from '../nats-conf/tls';
import { usersFrom } from '../nats-conf/users-from';
import { keyIn, secretReferences, serverTls, type Secrets } from '../secrets';
import { configFolder, pidFile, runFolder } from './folders';
import { mountedSecrets } from './mounted-secrets';
import { containerSecurity } from './security';

/** What the NATS team publishes today; those of nats-operator 0.8 are gone. */
const defaultImages = {
  reloader: ['natsio/nats-server-config-reloader', '0.23.0'],
  exporter: ['natsio/prometheus-nats-exporter', '0.17.3'],
} as const;

/** The first exporter that has an option for gateways, leaf nodes and JetStream (`main.go` of prometheus-nats-exporter). */
const exporterOfToday = '0.10.0';

type Container = Record<string, unknown>;

/** The containers beside the server that the spec asks for. */
export function sidecars(cluster: NatsCluster, ordinal: number, secrets: Secrets): Container[] {
  const { pod } = cluster.spec;
  return [
    ...(pod?.enableConfigReload ? [reloader(cluster, secrets)] : []),
    ...(pod?.enableMetrics ? [exporter(cluster, ordinal, secrets)] : []),
  ];
}

/** Sends the server SIGHUP when nats.conf, the users' file or a certificate changes, for which it must see the server's process. */
function reloader(cluster: NatsCluster, secrets: Secrets): Container {
  const { pod, image, auth } = cluster.spec;
  const { file: users } = usersFrom(auth);
  const mounts = mountedSecrets(cluster);
  const files = [
    `${configFolder}/${configFile}`,
    ...(users ? [posix.resolve(configFolder, users)] : []),
    ...mountedFiles(cluster, secrets),
  ];
  return {
    name: 'reloader',
    image: imageOf(defaultImages.reloader, pod?.reloaderImage, pod?.reloaderImageTag),
    imagePullPolicy: pod?.reloaderImagePullPolicy ?? image.pullPolicy,
    // by its name: the images of nats-operator 0.8 have no entry point
    command: ['nats-server-config-reloader', '-pid', pidFile, ...files.flatMap((file) => ['-config', file])],
    resources: pod?.reloaderResources,
    securityContext: containerSecurity,
    volumeMounts: [
      { name: 'config', mountPath: configFolder, readOnly: true },
      { name: 'run', mountPath: runFolder, readOnly: true },
      ...mounts.map(({ name, folder }) => ({ name, mountPath: folder, readOnly: true })),
      // only the user knows which of these has the file
      ...(users ? (pod?.volumeMounts ?? []) : []),
    ],
  };
}

/** Files in mounted secrets that the server reads. The reloader ends where one is missing, so only those that are there. */
function mountedFiles(cluster: NatsCluster, secrets: Secrets): string[] {
  const folders = new Map(mountedSecrets(cluster).map(({ secret, folder }) => [secret, folder]));
  return secretReferences(cluster).flatMap(({ secret, files }) => {
    const keys = files.flatMap((file) => keyIn(secrets, secret, file) ?? []);
    const folder = folders.get(secret);
    return folder === undefined ? [] : keys.map((key) => `${folder}/${key}`);
  });
}

/** Serves what the server's monitoring port says to Prometheus. */
function exporter(cluster: NatsCluster, ordinal: number, secrets: Secrets): Container {
  const { pod, image, gatewayConfig, leafnodeConfig, jetstream } = cluster.spec;
  const tag = pod?.metricsImageTag || defaultImages.exporter[1];
  const knowsAll = semver.gte(semver.coerce(tag) ?? exporterOfToday, exporterOfToday);
  return {
    name: 'metrics',
    image: imageOf(defaultImages.exporter, pod?.metricsImage, pod?.metricsImageTag),
    imagePullPolicy: pod?.metricsImagePullPolicy ?? image.pullPolicy,
    args: [
      ...[`-port=${metricsPort}`, '-connz', '-routez', '-subz', '-varz'],
      ...(knowsAll && gatewayConfig ? ['-gatewayz'] : []),
      ...(knowsAll && leafnodeConfig ? ['-leafz'] : []),
      ...(knowsAll && jetstream ? ['-jsz=all'] : []),
      monitoringUrl(cluster, ordinal),
    ],
    ports: [{ name: 'metrics', containerPort: metricsPort, protocol: 'TCP' }],
    securityContext: containerSecurity,
    ...trustInMonitoring(cluster, secrets),
  };
}

/** With HTTPS the server is called by the name that its certificate has. */
function monitoringUrl(cluster: NatsCluster, ordinal: number): string {
  return cluster.spec.tls?.enableHttps
    ? `https://${memberAddress(cluster, ordinal)}:${monitoringPort}`
    : `http://localhost:${monitoringPort}`;
}

/** The authority of the monitoring port's certificate, where Go programs look for it (https://pkg.go.dev/crypto/x509#SystemCertPool). */
function trustInMonitoring({ spec: { tls } }: NatsCluster, secrets: Secrets): Container {
  const files = tls?.enableHttps ? serverTls(tls) : undefined;
  const key = files && keyIn(secrets, files.secret, files.ca);
  if (!key) return {};
  return {
    env: [{ name: 'SSL_CERT_FILE', value: `${mountFolders.server}/${key}` }],
    volumeMounts: [{ name: 'server-tls', mountPath: mountFolders.server, readOnly: true }],
  };
}

function imageOf([name, tag]: readonly [string, string], ownName?: string, ownTag?: string): string {
  return `${ownName || name}:${ownTag || tag}`;
}
