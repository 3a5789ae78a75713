import { aCluster } from '../../resources/testing/a-cluster';
import { memberPod } from './pod';

interface Container {
  name: string;
  image: string;
  args?: string[];
  env: { name: string; value: string }[];
  volumeMounts: { mountPath: string }[];
  readinessProbe: { httpGet: { path: string; scheme: string } };
  lifecycle?: object;
}

function pod(spec: Record<string, unknown> = {}) {
  const made = memberPod(aCluster(spec), 1, 'nats-abcdefghij');
  const containers = made.spec.containers as Container[];
  const server = containers.find(({ name }) => name === 'nats');
  if (!server) throw new Error('no server');
  return { ...made, containers, server };
}

describe('the pod of a member', () => {
  it('is found by labels and DNS under the name of the member, whatever the pod is called', () => {
    const { metadata, spec } = pod();
    expect(metadata.name).toBe('nats-abcdefghij');
    expect(metadata.labels).toMatchObject({ app: 'nats', nats_cluster: 'nats', 'nats.io/member': '1' });
    expect(spec).toMatchObject({ hostname: 'nats-1', subdomain: 'nats-routes' });
  });

  it('leaves the entry point to the image', () => {
    expect(pod().server).not.toHaveProperty('command');
  });

  it('names the server where its version knows that', () => {
    expect(pod().server.args).not.toContain('--name');
    expect(pod().server.args).toContain('/etc/nats-config/member.conf');
    expect(pod().server.env).toContainEqual({ name: 'NATS_SERVER_NAME', value: '"nats-1"' });
    expect(pod({ version: '2.9.25' }).server.args).toEqual(expect.arrayContaining(['--name', 'nats-1']));
    expect(pod({ version: '1.0.4' }).server.args).toEqual([
      '-c',
      '/etc/nats-config/nats.conf',
      '-P',
      '/var/run/nats/nats.pid',
    ]);
  });

  it('asks a server for its health where its version has that', () => {
    expect(pod().server.readinessProbe.httpGet.path).toBe('/healthz');
    expect(pod({ version: '2.1.9' }).server.readinessProbe.httpGet.path).toBe('/');
    const secure = pod({ tls: { serverSecret: 's', enableHttps: true } });
    expect(secure.server.readinessProbe.httpGet.scheme).toBe('HTTPS');
  });

  it('gives a server the time that its clients have to leave, and some to close', () => {
    expect(pod({ lameDuck: { durationSeconds: 300 } }).spec).toMatchObject({ terminationGracePeriodSeconds: 330 });
    expect(pod({ version: '1.0.4' }).server.lifecycle).toBeUndefined();
  });

  it('keeps Go below the memory limit', () => {
    const { env } = pod({ pod: { resources: { limits: { memory: '1Gi' } } } }).server;
    expect(env).toContainEqual({ name: 'GOMEMLIMIT', value: '966367641B' });
  });

  it('mounts the secrets that the spec names', () => {
    const { server, spec } = pod({ tls: { serverSecret: 'mine' } });
    expect(server.volumeMounts).toContainEqual(expect.objectContaining({ mountPath: '/etc/nats-server-tls-certs' }));
    expect(spec.volumes).toContainEqual({ name: 'server-tls', secret: { secretName: 'mine' } });
  });

  it('lets the template add containers, override defaults, and change the server, but not what the operator needs', () => {
    const { spec, containers, server } = pod({
      template: {
        spec: {
          terminationGracePeriodSeconds: 7,
          priorityClassName: 'high',
          restartPolicy: 'Never',
          containers: [
            { name: 'sidecar', image: 'sidecar:1' },
            { name: 'nats', image: 'other:1', env: [{ name: 'MINE', value: '1' }] },
          ],
        },
      },
    });
    expect(spec).toMatchObject({
      terminationGracePeriodSeconds: 7,
      priorityClassName: 'high',
      restartPolicy: 'Always',
    });
    expect(containers.map(({ name }) => name).sort()).toEqual(['nats', 'sidecar']);
    expect(server.image).toBe('nats:2.15.2');
    expect(server.env).toContainEqual({ name: 'MINE', value: '1' });
  });

  it('spreads members over nodes and zones, and keeps them apart where asked to', () => {
    const zones = 'affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution';
    expect(pod().spec.topologySpreadConstraints).toHaveLength(1);
    expect(pod().spec).toHaveProperty(zones);
    const apart = pod({ pod: { antiAffinity: true } }).spec;
    expect(apart).toHaveProperty('affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution');
    expect(apart).toHaveProperty(zones);
  });
});
