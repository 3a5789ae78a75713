import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority } from '../../../e2e/cluster/control-plane/certificates';
import { eventually } from '../../../e2e/cluster/eventually';
import { freePorts } from '../../../e2e/cluster/processes/ports';
import { natsVersions } from '../../../e2e/cluster/versions';
import { WebsocketWire } from '../../../e2e/testing/websocket-wire';
import { Wire } from '../../../e2e/testing/wire';
import { type Secrets } from '../secrets';
import { RealServer, type RealServerOptions } from '../testing/real-server';

let authority: CertificateAuthority;
let secrets: Secrets;
let folder: string;
let authorityFile: string;
const running: RealServer[] = [];

beforeAll(async () => {
  authority = await CertificateAuthority.create('test');
  const { certificate, key } = await authority.issue({ commonName: 'server', names: ['localhost', '127.0.0.1'] });
  const files = { 'ca.pem': authority.pair.certificate, 'server.pem': certificate, 'server-key.pem': key };
  folder = mkdtempSync(join(tmpdir(), 'listeners-'));
  authorityFile = join(folder, 'ca.pem');
  writeFileSync(authorityFile, authority.pair.certificate);
  secrets = new Map([['certificates', new Map(Object.entries(files))]]);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

describe.each(natsVersions.filter((version) => version !== '1.0.4'))('a server of %s', (version) => {
  it.each([
    ['plain', undefined],
    ['with TLS', { gatewaySecret: 'certificates', gatewaysTLSTimeout: 5 }],
  ])(
    'sends a message over gateways to another cluster, %s',
    async (_, tls) => {
      const [eastPort = 0, westPort = 0] = await freePorts(2);
      // one list for both, as servers leave out their own name
      const gateways = [
        { name: 'east', url: `nats://127.0.0.1:${eastPort}` },
        { name: 'west', urls: [`nats://127.0.0.1:${westPort}`] },
      ];
      const cluster = (name: string, hostPort: number) =>
        start({ gatewayConfig: { name, hostPort, rejectUnknown: true, gateways }, tls }, { version, name, secrets });
      await crosses(await cluster('east', eastPort), await cluster('west', westPort));
    },
    180_000,
  );

  it('lets gateways in that have the credentials, and no others', async () => {
    const [eastPort = 0, westPort = 0] = await freePorts(2);
    const [username, password] = ['gate:way@', `p@ss:w"o\\rd/?#`];
    const user = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
    const gateways = [
      { name: 'east', url: `nats://${user}@127.0.0.1:${eastPort}` },
      { name: 'west', url: `nats://${user}@127.0.0.1:${westPort}` },
    ];
    const known = new Map([['gateways', new Map(Object.entries({ username, password }))]]);
    const cluster = (name: string, hostPort: number) => {
      const auth = { gatewayAuthSecret: 'gateways', gatewayAuthTimeout: 5 };
      return start({ gatewayConfig: { name, hostPort, gateways }, auth }, { version, name, secrets: known });
    };
    await crosses(await cluster('east', eastPort), await cluster('west', westPort));
    expect(await gatewayAnswer(eastPort, { gateway: 'west', user: username, pass: 'wrong' })).toMatch(
      /authorization violation/i,
    );
  }, 180_000);

  it('sends a message to a leaf node, and one from it', async () => {
    const [hubPort = 0, leafPort = 0] = await freePorts(2);
    const hub = await start({ leafnodeConfig: { hostPort: hubPort } }, { version, name: 'hub' });
    const remotes = [{ url: `nats-leaf://127.0.0.1:${hubPort}`, urls: [`nats-leaf://localhost:${hubPort}`] }];
    const leaf = await start({ leafnodeConfig: { hostPort: leafPort, remotes } }, { version, name: 'leaf' });
    await crosses(hub, leaf);
    await crosses(leaf, hub);
  }, 180_000);

  it('has a gateway beside leaf nodes, for anonymous clients too', async () => {
    const [gatewayPort = 0, leafPort = 0, otherPort = 0] = await freePorts(3);
    const both = { gatewayConfig: { hostPort: gatewayPort }, leafnodeConfig: { hostPort: leafPort } };
    const hub = await start(both, { version, name: 'hub' });
    const remotes = [{ url: `nats-leaf://127.0.0.1:${leafPort}` }];
    const leaf = await start({ leafnodeConfig: { hostPort: otherPort, remotes } }, { version, name: 'leaf' });
    await crosses(hub, leaf);
  }, 180_000);

  it('is a leaf node of a server with TLS whose authority its environment names', async () => {
    const [hubPort = 0, leafPort = 0] = await freePorts(2);
    const tls = { leafnodeSecret: 'certificates', leafnodesTLSTimeout: 5 };
    const hub = await start({ leafnodeConfig: { hostPort: hubPort }, tls }, { version, name: 'hub', secrets });
    const remotes = [{ url: `tls://127.0.0.1:${hubPort}` }];
    const env = { SSL_CERT_FILE: authorityFile };
    const leaf = await start({ leafnodeConfig: { hostPort: leafPort, remotes } }, { version, name: 'leaf', env });
    await crosses(hub, leaf);
  }, 180_000);

  it('talks to a websocket', async () => {
    const [port = 0, securePort = 0] = await freePorts(2);
    const plain = await start(
      { websocketConfig: { port, handshakeTimeout: '5s', compression: true } },
      { version, name: 'plain' },
    );
    await expect(echo(await WebsocketWire.toPort(port), plain)).resolves.toContain('hello');
    const secure = await start(
      { websocketConfig: { port: securePort }, tls: { websocketSecret: 'certificates', websocketTLSTimeout: 5 } },
      { version, name: 'secure', secrets },
    );
    const trust = { ca: authority.pair.certificate };
    await expect(echo(await WebsocketWire.toPort(securePort, trust), secure)).resolves.toContain('hello');
    await expect(WebsocketWire.toPort(securePort)).rejects.toThrow(/no/);
  }, 180_000);

  it('talks MQTT', async () => {
    const [port = 0] = await freePorts(1);
    const config = { server_name: 'mqtt-0', jetstream: { store_dir: 'STORE' } };
    const mqtt = { port, ackWaitSeconds: 10, maxAckPending: 100, streamReplicas: 1 };
    // one server alone: JetStream of a cluster waits for others
    const edit = (conf: string) => conf.replace(/^"cluster": .*$/m, '');
    const jetstream = { fileStorage: { size: '1Gi' } };
    await start({ jetstream, mqtt, config }, { version, name: 'mqtt', edit });
    // the first client has the server make its streams, and is sent away where that takes too long
    expect(await eventually(60, () => mqttConnack(port))).toEqual(Buffer.from([0x20, 2, 0, 0]));
  }, 180_000);

  it('tells others the external address that its environment has', async () => {
    const [gatewayPort = 0] = await freePorts(1);
    const spec = { gatewayConfig: { hostPort: gatewayPort }, pod: { advertiseExternalIP: true } };
    const server = await start(spec, { version, env: { NATS_EXTERNAL_ADDRESS: '"192.0.2.1"' } });
    const client = await Wire.toClientPort(server.ports.client);
    await client.expect(new RegExp(`^INFO .*"host":"192[.]0[.]2[.]1","port":${server.ports.client},`));
    client.close();
  }, 180_000);

  it('refuses two names for a cluster and its gateway, as our rule says', async () => {
    const spec = { gatewayConfig: { name: 'east' }, config: { cluster: { name: 'other' } } };
    await expect(start(spec, { version })).rejects.toThrow(/cluster name conflicts/);
  }, 180_000);
});

describe.each(['1.0.4', '2.10.29', '2.15.2'] as const)('servers of %s', (version) => {
  it('of two clusters route messages to each other where one has extra routes', async () => {
    const other = await start({}, { version, name: 'other' });
    const route = `nats-route://127.0.0.1:${other.ports.routes}`;
    const one = await start({ extraRoutes: [{ route }] }, { version, name: 'one' });
    await crosses(one, other);
    await crosses(other, one);
  }, 180_000);
});

async function start(spec: Record<string, unknown>, options: RealServerOptions): Promise<RealServer> {
  const server = await RealServer.start(spec, options);
  running.push(server);
  return server;
}

/** Waits until a message that is published at one server reaches a subscriber at the other. */
async function crosses(from: RealServer, to: RealServer): Promise<void> {
  const subscriber = await Wire.toClientPort(to.ports.client);
  const publisher = await Wire.toClientPort(from.ports.client);
  subscriber.send('SUB greetings 1');
  await eventually(60, async () => {
    publisher.send('PUB greetings 5\r\nhello');
    publisher.send('PING');
    await subscriber.expect(/MSG greetings 1 5\r\nhello\r\n/, 500);
  });
  subscriber.close();
  publisher.close();
}

/** Waits for a message that a plain client of the server sends to a websocket. */
async function echo(websocket: WebsocketWire, server: RealServer): Promise<string> {
  websocket.send('SUB greetings 1');
  websocket.send('PING');
  await websocket.expect(/PONG\r\n.*PONG\r\n/s);
  const publisher = await Wire.toClientPort(server.ports.client);
  publisher.send('PUB greetings 5\r\nhello');
  const message = await websocket.expect(/MSG greetings 1 5\r\nhello\r\n/);
  publisher.close();
  websocket.close();
  return message;
}

/** What a gateway answers to one that says so of itself, after its own INFO. */
async function gatewayAnswer(port: number, said: object): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    let answer = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      if (answer === '') socket.write(`CONNECT ${JSON.stringify(said)}\r\n`);
      answer += chunk.toString();
      if (answer.includes('-ERR')) return answer;
    }
    return answer;
  } finally {
    socket.destroy();
  }
}

/** What a server answers to CONNECT of MQTT 3.1.1 (http://docs.oasis-open.org/mqtt/mqtt/v3.1.1, 3.1). */
async function mqttConnack(port: number): Promise<Buffer> {
  const id = Buffer.from('test');
  const body = Buffer.concat([Buffer.from([0, 4]), Buffer.from('MQTT'), Buffer.from([4, 2, 0, 60, 0, id.length]), id]);
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
    return answer;
  } finally {
    socket.destroy();
  }
}
