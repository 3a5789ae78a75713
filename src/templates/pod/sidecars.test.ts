import { aCluster } from '../../resources/testing/a-cluster';
import { aSecret } from '../testing/a-secret';
import { type Secrets } from '../secrets';
import { memberPod } from './pod';

interface Container {
  name: string;
  image: string;
  imagePullPolicy: string;
  command?: string[];
  args?: string[];
  ports?: object[];
  env?: object[];
  resources?: object;
  securityContext: object;
  volumeMounts?: { mountPath: string }[];
}

function pod(spec: Record<string, unknown>, secrets: Secrets = new Map()) {
  const made = memberPod(aCluster(spec), 1, 'nats-abc', secrets);
  const containers = made.spec.containers as Container[];
  const named = (name: string) => containers.find((container) => container.name === name);
  return { ...made, containers, reloader: named('reloader'), metrics: named('metrics') };
}

const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

describe('the reloader', () => {
  it('is not there unless the spec asks for it, and then nobody sees the processes of others', () => {
    const { containers, spec } = pod({});
    expect(containers.map(({ name }) => name)).toEqual(['nats']);
    expect(spec).not.toHaveProperty('shareProcessNamespace');
  });

  it('sees the process of the server and its files', () => {
    const { spec, reloader } = pod({ pod: { enableConfigReload: true } });
    expect(spec.shareProcessNamespace).toBe(true);
    expect(reloader).toMatchObject({
      image: 'natsio/nats-server-config-reloader:0.23.0',
      imagePullPolicy: 'IfNotPresent',
      command: [
        'nats-server-config-reloader',
        ...['-pid', '/var/run/nats/nats.pid'],
        ...['-config', '/etc/nats-config/nats.conf'],
      ],
      securityContext: restricted,
    });
    expect(reloader?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual(['/etc/nats-config', '/var/run/nats']);
  });

  it('watches the certificates that are there, under the names that they have', () => {
    const spec = { pod: { enableConfigReload: true }, tls: { serverSecret: 'a', routesSecret: 'b' } };
    const secrets = new Map([
      ['a', aSecret('tls.crt', 'tls.key')],
      ['b', aSecret('ca.pem', 'route.pem', 'route-key.pem')],
    ]);
    expect(pod(spec, secrets).reloader?.command?.filter((word) => word.includes('certs'))).toEqual([
      '/etc/nats-server-tls-certs/tls.crt',
      '/etc/nats-server-tls-certs/tls.key',
      '/etc/nats-routes-tls-certs/ca.pem',
      '/etc/nats-routes-tls-certs/route.pem',
      '/etc/nats-routes-tls-certs/route-key.pem',
    ]);
  });

  it.each([
    ['authconfig/auth.json', '/etc/nats-config/authconfig/auth.json'],
    ['/users/auth.conf', '/users/auth.conf'],
  ])('watches a file of users, %s, where the server has it', (clientsAuthFile, path) => {
    const volumeMounts = [{ name: 'users', mountPath: path.replace(/\/[^/]+$/, '') }];
    const podSpec = { enableConfigReload: true, volumeMounts };
    const { reloader } = pod({ auth: { clientsAuthFile }, pod: podSpec });
    expect(reloader?.command).toContain(path);
    expect(reloader?.volumeMounts).toContainEqual(volumeMounts[0]);
    const unused = pod({ auth: { clientsAuthFile, enableServiceAccounts: true }, pod: podSpec }).reloader;
    expect(unused?.command).not.toContain(path);
  });

  it('is the image that the spec names, with its resources', () => {
    const resources = { limits: { memory: '32Mi' } };
    const { reloader } = pod({
      pod: {
        ...{ enableConfigReload: true, reloaderImage: 'mine', reloaderImageTag: '1' },
        ...{ reloaderImagePullPolicy: 'Always', reloaderResources: resources },
      },
    });
    expect(reloader).toMatchObject({ image: 'mine:1', imagePullPolicy: 'Always', resources });
  });
});

describe('the exporter', () => {
  it('asks the server beside it, on a port that has a name', () => {
    expect(pod({ pod: { enableMetrics: true } }).metrics).toMatchObject({
      image: 'natsio/prometheus-nats-exporter:0.17.3',
      args: ['-port=7777', '-connz', '-routez', '-subz', '-varz', 'http://localhost:8222'],
      ports: [{ name: 'metrics', containerPort: 7777 }],
      securityContext: restricted,
    });
  });

  it('is found by a Prometheus that looks at annotations', () => {
    const { annotations } = pod({ pod: { enableMetrics: true } }).metadata;
    expect(annotations).toMatchObject({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '7777' });
    expect(pod({}).metadata.annotations).not.toHaveProperty('prometheus.io/scrape');
  });

  const features = { gatewayConfig: {}, leafnodeConfig: {}, jetstream: {} };

  it('asks for what the cluster has, unless it is too old to know it', () => {
    const metrics = { enableMetrics: true, metricsImage: 'synadia/prometheus-nats-exporter' };
    expect(pod({ ...features, pod: { enableMetrics: true } }).metrics?.args).toEqual(
      expect.arrayContaining(['-gatewayz', '-leafz', '-jsz=all']),
    );
    expect(pod({ ...features, pod: { ...metrics, metricsImageTag: '0.2.2' } }).metrics?.args).not.toContain('-leafz');
    expect(pod({ ...features, pod: { ...metrics, metricsImageTag: 'latest' } }).metrics?.args).toContain('-leafz');
  });

  it('trusts the certificate of a monitoring port with HTTPS, and calls the server by its name', () => {
    const spec = { pod: { enableMetrics: true }, tls: { serverSecret: 'a', enableHttps: true } };
    const { metrics } = pod(spec, new Map([['a', aSecret('ca.crt', 'tls.crt', 'tls.key')]]));
    expect(metrics?.args?.at(-1)).toBe('https://nats-1.nats-routes.default.svc:8222');
    expect(metrics?.env).toEqual([{ name: 'SSL_CERT_FILE', value: '/etc/nats-server-tls-certs/ca.crt' }]);
    expect(metrics?.volumeMounts).toEqual([expect.objectContaining({ mountPath: '/etc/nats-server-tls-certs' })]);
  });
});
