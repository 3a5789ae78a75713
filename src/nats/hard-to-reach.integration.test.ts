import { connect, type NatsConnection } from '@nats-io/transport-node';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateAuthority, type KeyPair } from '../../e2e/cluster/control-plane/certificates';
import { eventually } from '../../e2e/cluster/eventually';
import { requestOf } from './commands';
import { shownSerial } from './shown-certificate';
import { ask, type SystemAccess, type SystemError } from './system-client';
import { NatsServer } from './testing/nats-server';

const credentials = [{ user: 'operator', password: 'secret' }];
const accounts = { $SYS: { users: credentials } };

describe.each(['2.10.29', '2.15.2'] as const)('a client port of nats-server %s', (version) => {
  let server: NatsServer;
  let authority: CertificateAuthority;
  let pair: KeyPair;

  beforeEach(async () => {
    authority = await CertificateAuthority.create('test');
    pair = await authority.issue({ commonName: 'nats', names: ['nats.default.svc'] });
    server = await NatsServer.start(version, { accounts });
  });

  afterEach(() => server.remove());

  /** The TLS block of a server with files in its folder. */
  function files({ certificate, key }: KeyPair) {
    writeFileSync(join(server.folder, 'tls.crt'), certificate);
    writeFileSync(join(server.folder, 'tls.key'), key);
    return { cert_file: 'tls.crt', key_file: 'tls.key' };
  }

  async function reload(access: SystemAccess): Promise<unknown> {
    const command = { kind: 'reload', serverId: await server.id(), to: 'it' } as const;
    return ask({ ip: '127.0.0.1', port: server.ports.client, access }, requestOf(command));
  }

  it.each([true, '300ms', false])(
    'with handshake_first %s takes the operator, and shows a renewed certificate',
    async (first) => {
      const access = { credentials, tls: { authority: authority.pair.certificate } };
      await server.restart({ accounts, tls: { ...files(pair), handshake_first: first } });
      const renewed = await authority.issue({ commonName: 'nats', names: ['nats.default.svc'] });
      files(renewed);
      // a look that took too long has seen nothing
      const shows = ({ certificate }: KeyPair) =>
        eventually(60, async () => {
          const { serialNumber } = new X509Certificate(certificate);
          expect(await shownSerial('127.0.0.1', server.ports.client)).toBe(serialNumber);
        });
      await shows(pair);
      await reload(access);
      await shows(renewed);
    },
    180_000,
  );

  it('with no room for one more connection can not be reached, which is said', async () => {
    await server.restart({ accounts, max_connections: 1 });
    const client: NatsConnection = await connect({ servers: `127.0.0.1:${server.ports.client}`, reconnect: false });
    try {
      const error = await reload({ credentials }).catch((reason: unknown) => reason as SystemError);
      expect(error).toMatchObject({
        denial: 'unreachable',
        message: expect.stringMatching(/maximum connections exceeded/i) as string,
      });
    } finally {
      await client.close();
    }
  }, 180_000);

  it('that does not speak TLS yet is not told a password in the clear, and only a restart helps', async () => {
    const access = { credentials, tls: { authority: authority.pair.certificate } };
    expect(await reload(access).catch((reason: unknown) => reason as SystemError)).toMatchObject({
      denial: 'locked-out',
      message: expect.stringContaining('does not speak TLS yet') as string,
    });
  }, 180_000);

  it('that speaks TLS by now, where the operator does not know it yet, can not be reached', async () => {
    await server.restart({ accounts, tls: { ...files(pair), handshake_first: true } });
    expect(await reload({ credentials }).catch((reason: unknown) => reason as SystemError)).toMatchObject({
      denial: 'unreachable',
    });
  }, 180_000);
});
