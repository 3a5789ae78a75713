import { X509Certificate } from 'node:crypto';
import { type ConnectionOptions } from 'node:tls';
import { shownSerial } from '../../src/nats/shown-certificate';
import { CertificateAuthority } from '../cluster/control-plane/certificates';
import { eventually } from '../cluster/eventually';
import { NatsClusters } from '../testing/nats-clusters';
import { forwarded } from '../testing/port-forward';
import { Wire } from '../testing/wire';

const namespace = 'tls';
const name = 'secured';
const serverSecret = 'nats-clients-tls';
const routesSecret = 'nats-routes-tls';

// Each test finds what the one before it left.
describe.each(['1.0.4', '2.15.2'])('TLS of a cluster of %s', (version) => {
  let clusters: NatsClusters;
  let forClients: CertificateAuthority;
  let forRoutes: CertificateAuthority;
  let stranger: CertificateAuthority;

  beforeAll(async () => {
    clusters = await NatsClusters.inNamespace(namespace);
    forClients = await CertificateAuthority.create('clients');
    forRoutes = await CertificateAuthority.create('routes');
    stranger = await CertificateAuthority.create('stranger');
    await clusters.create(name, { size: 3, version, tls: { serverSecret, routesSecret } });
  }, 330_000);

  afterAll(() => clusters.remove(), 330_000);

  it('is waited for: without its secrets no server starts, and a condition names them', async () => {
    await clusters.condition(name, 'Degraded', 'True', serverSecret);
    await clusters.condition(name, 'Degraded', 'True', routesSecret);
    expect(await clusters.pods(name)).toEqual([]);
  }, 240_000);

  it('is still waited for when a key is missing, which a condition names', async () => {
    await secret(serverSecret, { 'ca.pem': 'x', 'server.pem': 'x' });
    await clusters.condition(name, 'Degraded', 'True', 'server-key.pem');
    expect(await clusters.pods(name)).toEqual([]);
  }, 240_000);

  it('is up without a nudge once the secrets are there', async () => {
    const server = await forClients.issue({ commonName: 'server', names: [`${name}.${namespace}.svc`] });
    const route = await forRoutes.issue({
      commonName: 'route',
      names: [`*.${name}-routes.${namespace}.svc`, `${name}-routes.${namespace}.svc`],
    });
    await secret(serverSecret, {
      'ca.pem': forClients.pair.certificate,
      'server-key.pem': server.key,
      'server.pem': server.certificate,
    });
    await secret(routesSecret, {
      'ca.pem': forRoutes.pair.certificate,
      'route-key.pem': route.key,
      'route.pem': route.certificate,
    });
    await clusters.settled(name, 3, version);
  }, 400_000);

  it('is spoken by clients that trust the authority, with messages that cross encrypted routes', async () => {
    await onPort(4222, 0, (first) =>
      onPort(4222, 1, async (second) => {
        const subscriber = await Wire.toClientPort(first, trusting(forClients));
        const publisher = await Wire.toClientPort(second, trusting(forClients));
        subscriber.send('SUB greetings 1');
        await eventually(60, async () => {
          publisher.send('PUB greetings 5\r\nhello');
          await subscriber.expect(/MSG greetings 1 5\r\nhello\r\n/, 500);
        });
        subscriber.close();
        publisher.close();
      }),
    );
  }, 240_000);

  it('refuses clients that trust another authority, or do without', async () => {
    await onPort(4222, 0, async (port) => {
      await expect(Wire.toClientPort(port, trusting(stranger))).rejects.toThrow(/certificate/);
      await expect(Wire.toClientPort(port)).rejects.toThrow(/closed|ECONNRESET|tls/i);
    });
  }, 240_000);

  it('is spoken on routes, which refuse whom the authority did not sign', async () => {
    await onPort(6222, 0, async (port) => {
      const known = await forRoutes.issue({ commonName: 'another server' });
      const unknown = await stranger.issue({ commonName: 'another server' });
      const options = { ...trusting(forRoutes), servername: `${name}-0.${name}-routes.${namespace}.svc` };
      const welcome = await Wire.toRoutePort(port, { ...options, cert: known.certificate, key: known.key });
      welcome.close();
      await expect(Wire.toRoutePort(port, options)).rejects.toThrow();
      await expect(
        Wire.toRoutePort(port, { ...options, cert: unknown.certificate, key: unknown.key }),
      ).rejects.toThrow();
      await expect(Wire.toRoutePort(port, trusting(stranger))).rejects.toThrow(/certificate/);
    });
  }, 240_000);

  it('is renewed with the secret: all show the new certificate, where servers can not be asked to reload after a restart', async () => {
    const { certificate, key } = await forClients.issue({ commonName: 'server', names: [`${name}.${namespace}.svc`] });
    const before = await clusters.members(name);
    await secret(serverSecret, {
      'ca.pem': forClients.pair.certificate,
      'server-key.pem': key,
      'server.pem': certificate,
    });
    await eventually(240, async () => {
      for (const ordinal of [0, 1, 2]) {
        const serial = await onPort(4222, ordinal, (port) => shownSerial('127.0.0.1', port));
        expect(serial).toBe(new X509Certificate(certificate).serialNumber);
      }
      await clusters.expectSettled(name, 3, version);
    });
    const now = await clusters.members(name);
    const restarted = now.filter(({ metadata: { uid } }) => !before.some(({ metadata }) => metadata.uid === uid));
    expect(restarted).toHaveLength(version === '1.0.4' ? 3 : 0);
  }, 600_000);

  it('also comes from a secret of type kubernetes.io/tls', async () => {
    const server = await stranger.issue({ commonName: 'server', names: [`${name}.${namespace}.svc`] });
    const data = {
      'ca.crt': stranger.pair.certificate,
      'tls.crt': server.certificate,
      'tls.key': server.key,
    };
    await secret('from-cert-manager', data, 'kubernetes.io/tls');
    const before = await clusters.members(name);
    await clusters.edit(name, { tls: { serverSecret: 'from-cert-manager' } });
    await clusters.healed(name, 3, version, before);
    await onPort(4222, 2, async (port) => {
      (await Wire.toClientPort(port, trusting(stranger))).close();
      await expect(Wire.toClientPort(port, trusting(forClients))).rejects.toThrow(/certificate/);
    });
  }, 600_000);

  function trusting({ pair }: CertificateAuthority): ConnectionOptions {
    return { ca: pair.certificate, servername: `${name}.${namespace}.svc` };
  }

  async function secret(secretName: string, stringData: Record<string, string>, type = 'Opaque'): Promise<void> {
    const metadata = { name: secretName, namespace };
    await clusters.kubectl.apply({ apiVersion: 'v1', kind: 'Secret', metadata, type, stringData });
  }

  async function onPort<T>(port: number, ordinal: number, use: (localPort: number) => Promise<T>): Promise<T> {
    const member = (await clusters.members(name))[ordinal];
    return forwarded(clusters.kubectl, [namespace, member!.metadata.name, port], use);
  }
});
