import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binaries } from '../../../e2e/cluster/binaries/binaries';
import { CertificateAuthority } from '../../../e2e/cluster/control-plane/certificates';
import { eventually } from '../../../e2e/cluster/eventually';
import { freePorts } from '../../../e2e/cluster/processes/ports';
import { natsVersions, type NatsVersion } from '../../../e2e/cluster/versions';
import { readServer } from '../../nats/monitoring';
import { aCluster } from '../../resources/testing/a-cluster';
import { aSecret } from '../testing/a-secret';
import { natsConf } from './nats-conf';

const run = promisify(execFile);

/** Specs that together write every key. */
const specs: Record<string, object> = {
  plain: {},
  logging: { logging: { debug: true, trace: true }, natsConfig: { disableLogtime: true } },
  limits: { natsConfig: { write_deadline: '5s', maxConnections: 100, maxPayload: 65536, maxControlLine: 2048 } },
  'lame duck': { lameDuck: { durationSeconds: 60, gracePeriodSeconds: 5 } },
  'no advertise': { noAdvertise: true },
  tls: {
    tls: {
      serverSecret: 'clients',
      routesSecret: 'routes',
      clientsTLSTimeout: 3,
      routesTLSTimeout: 4.5,
      verify: true,
      cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
      curvePreferences: ['CurveP256'],
    },
  },
  'https monitoring': { tls: { serverSecret: 'clients', enableHttps: true } },
  'free keys': { config: { ping_max: 3 } },
};
const newer = {
  'newer limits': { natsConfig: { maxPending: 1000000, maxSubscriptions: 1000 } },
  JetStream: {
    jetstream: {
      memoryLimit: '64Mi',
      fileStorage: { size: '1Gi' },
      domain: 'hub',
      uniqueTag: 'az:',
      limits: { maxAckPending: 100, maxHaAssets: 100, maxRequestBatch: 100, duplicateWindow: '2m' },
      encryption: {
        cipher: 'aes',
        keySecret: { name: 'keys', key: 'new' },
        previousKeySecret: { name: 'keys', key: 'old' },
      },
    },
    config: { server_tags: ['az:a'] },
  },
  'JetStream of a single server': { size: 1, jetstream: {} },
};

const secrets = new Map([
  ['clients', aSecret('ca.pem', 'server.pem', 'server-key.pem')],
  ['routes', aSecret('ca.crt', 'tls.crt', 'tls.key')],
  ['keys', aSecret('new', 'old')],
]);

describe.each(natsVersions)('nats.conf read by nats-server %s', (version) => {
  let folder: string;
  let server: string;
  let authority: CertificateAuthority;
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nats-conf-'));
    ({ [`nats-server-${version}` as const]: server } = await binaries(`nats-server-${version}`));
    authority = await CertificateAuthority.create('test');
    // servers and routes name each other localhost here
    const { certificate, key } = await authority.issue({ commonName: 'server', names: ['localhost', '127.0.0.1'] });
    for (const [name, content] of Object.entries({
      ...{ 'ca.pem': authority.pair.certificate, 'server.pem': certificate, 'server-key.pem': key },
      ...{ 'ca.crt': authority.pair.certificate, 'tls.crt': certificate, 'tls.key': key },
    })) {
      writeFileSync(join(folder, name), content);
    }
  }, 120_000);

  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** The config as rendered, with paths and addresses of this machine in place of the pod's. */
  function render(spec: object, ports?: { client: number; routes: number; monitoring: number; all: number[] }): string {
    const text = natsConf(aCluster({ ...spec, version }), secrets)
      .replaceAll(/\/etc\/nats-(server|routes)-tls-certs/g, folder)
      .replace('/data', join(folder, 'data'));
    if (!ports) return text;
    let next = 0;
    return text
      .replace('"port": 4222', `"port": ${ports.client}`)
      .replace(/"(https?_port)": 8222/, `"$1": ${ports.monitoring}`)
      .replaceAll(/nats-\d\.nats-routes\.default\.svc:6222/g, () => `localhost:${ports.all[next++]}`)
      .replace('"port":6222', `"port":${ports.routes}`);
  }

  it.each(Object.entries(has2(version) ? { ...specs, ...newer } : specs))(
    'takes %s',
    async (name, spec) => {
      const file = join(folder, 'nats.conf');
      if (has2(version)) {
        writeFileSync(file, render(spec));
        const { stderr } = await run(server, ['--name', 'nats-0', '-c', file, '-t']);
        expect(stderr).toContain('is valid');
        return;
      }
      // 1.x has no -t: a server that serves has read its config
      const [client = 0, routes = 0, monitoring = 0] = await freePorts(3);
      writeFileSync(file, render(spec, { client, routes, monitoring, all: [routes, routes, routes] }));
      const child = spawn(server, ['-c', file], { stdio: 'ignore' });
      running.push(child);
      if (name === 'https monitoring') {
        const address = { ip: '127.0.0.1', port: monitoring, tls: { authority: authority.pair.certificate } };
        expect(await eventually(60, () => readServer(address))).toMatchObject({ version });
        return;
      }
      const varz = await eventually(60, () => get(`http://127.0.0.1:${monitoring}/varz`));
      expect(varz).toMatchObject({ version });
      if (name === 'limits') expect(varz).toMatchObject({ max_connections: 100, max_payload: 65536 });
    },
    180_000,
  );

  it('forms a whole mesh over routes with TLS', async () => {
    const [a = 0, b = 0, c = 0, ...rest] = await freePorts(9);
    const all = [a, b, c];
    for (const [index, routes] of all.entries()) {
      const [client = 0, monitoring = 0] = rest.slice(index * 2);
      const file = join(folder, `mesh-${index}.conf`);
      writeFileSync(file, render({ tls: { routesSecret: 'routes' } }, { client, routes, monitoring, all }));
      running.push(spawn(server, ['-c', file], { stdio: 'ignore' }));
    }
    for (const index of all.keys()) {
      await eventually(60, async () => {
        const routez = (await get(`http://127.0.0.1:${rest[index * 2 + 1]}/routez`)) as {
          routes?: { remote_id: string }[];
        };
        expect(new Set(routez.routes?.map(({ remote_id }) => remote_id)).size).toBe(2);
      });
    }
  }, 180_000);
});

function has2(version: NatsVersion): boolean {
  return !version.startsWith('1.');
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}
