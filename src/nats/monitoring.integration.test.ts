import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaries } from '../../e2e/cluster/binaries/binaries';
import { CertificateAuthority } from '../../e2e/cluster/control-plane/certificates';
import { eventually } from '../../e2e/cluster/eventually';
import { Daemon } from '../../e2e/cluster/processes/daemon';
import { readServer, type MonitoringAddress } from './monitoring';

// The port is always 8222, so each server has an address of its own, which no other test uses.
const network = '127.82.22';

describe.each(['1.0.4', '2.15.2'] as const)('monitoring of nats-server %s', (version) => {
  const folder = mkdtempSync(join(tmpdir(), 'nats-monitoring-'));
  const daemons: Daemon[] = [];
  const ips = [1, 2].map((host) => `${network}.${host}`);

  afterEach(async () => {
    await Promise.all(daemons.splice(0).map((daemon) => daemon.stop('SIGKILL')));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  async function start(tls?: { certificate: string; key: string }): Promise<void> {
    const program = (await binaries(`nats-server-${version}`))[`nats-server-${version}`];
    for (const ip of ips) {
      const config = join(folder, `${ip}.conf`);
      const certificate = { cert_file: join(folder, 'tls.crt'), key_file: join(folder, 'tls.key') };
      if (tls) {
        writeFileSync(certificate.cert_file, tls.certificate);
        writeFileSync(certificate.key_file, tls.key);
      }
      const settings = {
        listen: `${ip}:4222`,
        [tls ? 'https' : 'http']: `${ip}:8222`,
        cluster: { listen: `${ip}:6222`, routes: ips.map((other) => `nats://${other}:6222`) },
        ...(tls && { tls: certificate }),
      };
      const lines = Object.entries(settings).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
      writeFileSync(config, lines.join('\n'));
      const daemon = new Daemon({ name: `${version}-${ip}`, folder, command: [program, '-c', config] });
      daemons.push(daemon);
      await daemon.start();
    }
  }

  async function reports(tls?: MonitoringAddress['tls']) {
    return Promise.all(ips.map((ip) => readServer({ ip, tls })));
  }

  it('tells id, version and routes', async () => {
    await start();
    await eventually(60, async () => {
      const [first, second] = await reports();
      expect(first?.version).toBe(version);
      expect([...(first?.routes ?? [])]).toContain(second?.id);
      expect([...(second?.routes ?? [])]).toContain(first?.id);
    });
  }, 180_000);

  it('tells it by HTTPS too, where the authority is the right one', async () => {
    const authority = await CertificateAuthority.create('test');
    await start(await authority.issue({ commonName: 'nats', names: ['nats.default.svc'] }));
    await eventually(60, async () => {
      const [first] = await reports({ authority: authority.pair.certificate });
      expect(first?.version).toBe(version);
    });
    const other = await CertificateAuthority.create('other');
    await expect(readServer({ ip: ips[0] ?? '', tls: { authority: other.pair.certificate } })).rejects.toThrow(
      /^https:\/\/127\.82\.22\.1:8222\/(varz|routez) can't be reached \(\w+\)$/,
    );
  }, 180_000);
});

describe('a monitoring port that cannot be read', () => {
  const ip = `${network}.3`;
  let server: Server | undefined;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  async function answering(listener: RequestListener): Promise<void> {
    const listening = createServer(listener);
    server = listening;
    await new Promise<void>((resolve) => listening.listen(8222, ip, resolve));
  }

  it('is said to refuse connections', async () => {
    await expect(readServer({ ip })).rejects.toThrow(/can't be reached \(ECONNREFUSED\)$/);
  });

  it('is said to be silent', async () => {
    await answering(() => undefined);
    await expect(readServer({ ip })).rejects.toThrow(/does not answer within 2 s$/);
  });

  it('is said to answer with an error', async () => {
    await answering((_, response) => response.writeHead(503).end());
    await expect(readServer({ ip })).rejects.toThrow(/answers with status 503$/);
  });

  it.each(['hello', '[]', '{}', 'null'])('is said to be no NATS server where it answers %s', async (body) => {
    await answering((_, response) => response.end(body));
    await expect(readServer({ ip })).rejects.toThrow(/is not the answer of a NATS server$|does not answer with JSON$/);
  });

  it('is said to break off', async () => {
    await answering((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      response.destroy();
    });
    await expect(readServer({ ip })).rejects.toThrow(/can't be reached \(ECONNRESET\)$/);
  });
});
