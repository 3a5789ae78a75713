import { type NatsClusters } from './nats-clusters';

interface Release {
  readonly name: string;
  readonly size: number;
  readonly version: string;
}

/**
 * What version 1 of the official chart makes of `config.cluster.enabled` and `config.jetstream.enabled`
 * (https://github.com/nats-io/k8s, helm/charts/nats/files), as far as it matters to whoever comes after it.
 */
export async function makeRelease(clusters: NatsClusters, { name, size, version }: Release): Promise<void> {
  const { namespace, kubectl } = clusters;
  const selector = {
    'app.kubernetes.io/name': 'nats',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/component': 'nats',
  };
  const metadata = (objectName: string) => ({ name: objectName, namespace, labels: selector });
  const routes = Array.from({ length: size }, (_, index) => `nats://${name}-${index}.${name}-headless:6222`);
  const config = {
    port: 4222,
    http_port: 8222,
    lame_duck_grace_period: '10s',
    lame_duck_duration: '30s',
    pid_file: '/var/run/nats/nats.pid',
    cluster: { name, port: 6222, no_advertise: true, routes },
    jetstream: { max_memory_store: 0, store_dir: '/data', max_file_store: 900_000_000 },
  };
  const port = (portName: string, number: number) => ({ name: portName, port: number, targetPort: portName });
  await kubectl.apply(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadata(`${name}-config`),
      data: { 'nats.conf': `server_name: $SERVER_NAME\n${JSON.stringify(config).slice(1, -1)}\n` },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(`${name}-headless`),
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: true,
        selector,
        ports: [port('nats', 4222), port('cluster', 6222), port('monitor', 8222)],
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: metadata(name), spec: { selector, ports: [port('nats', 4222)] } },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadata(name),
      spec: { maxUnavailable: 1, selector: { matchLabels: selector } },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: metadata(name),
      spec: {
        replicas: size,
        serviceName: `${name}-headless`,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: selector },
        template: { metadata: { labels: selector }, spec: podOf(name, version) },
        volumeClaimTemplates: [
          {
            metadata: { name: `${name}-js` },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    },
  );
  await clusters.run('rollout', 'status', `statefulset/${name}`, '--timeout=120s');
}

function podOf(name: string, version: string): object {
  return {
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 60,
    containers: [
      {
        name: 'nats',
        image: `nats:${version}`,
        imagePullPolicy: 'IfNotPresent',
        args: ['--config', '/etc/nats-config/nats.conf'],
        env: [
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'SERVER_NAME', value: '$(POD_NAME)' },
        ],
        ports: [
          { name: 'nats', containerPort: 4222 },
          { name: 'cluster', containerPort: 6222 },
          { name: 'monitor', containerPort: 8222 },
        ],
        lifecycle: { preStop: { exec: { command: ['nats-server', '-sl=ldm=/var/run/nats/nats.pid'] } } },
        readinessProbe: { httpGet: { path: '/healthz?js-server-only=true', port: 'monitor' }, periodSeconds: 5 },
        volumeMounts: [
          { name: 'config', mountPath: '/etc/nats-config' },
          { name: 'pid', mountPath: '/var/run/nats' },
          { name: `${name}-js`, mountPath: '/data' },
        ],
      },
    ],
    volumes: [
      { name: 'config', configMap: { name: `${name}-config` } },
      { name: 'pid', emptyDir: {} },
    ],
  };
}
