import { createServer } from 'node:net';
import { once } from 'node:events';
import { complaintIn, reasonIn } from './complaint';
import { NatsServer, portsFor } from './testing/nats-server';

/** What nats-server says when it ends instead of serving. */
async function lastWordsOf(
  version: '2.10.29' | '2.15.2',
  config: object,
  ports?: Parameters<typeof NatsServer.start>[2],
) {
  const error = await NatsServer.start(version, config, ports).then(
    async (server) => {
      await server.remove();
      return new Error('it serves');
    },
    (reason: unknown) => reason as Error,
  );
  return error.message.replace('the server ended: ', '');
}

describe.each(['2.10.29', '2.15.2'] as const)('what nats-server %s has against a config', (version) => {
  it.each([
    ['a field that it does not know', { nonsense: 1 }, 'unknown field "nonsense"'],
    ['a block of another type', { cluster: 'yes' }, 'cluster'],
    [
      'an import of nobody',
      { accounts: { A: { imports: [{ stream: { account: 'NOBODY', subject: 'x' } }] } } },
      'NOBODY',
    ],
    ['a file that is not there', { tls: { cert_file: 'no.crt', key_file: 'no.key' } }, 'no.crt'],
    [
      'what it sees only when all is read',
      { lame_duck_duration: '30s', lame_duck_grace_period: '40s' },
      'lame duck grace period',
    ],
  ])('is said when it ends: %s', async (_, config, words) => {
    const said = await lastWordsOf(version, config);
    expect(complaintIn(said)).toContain(words);
    expect(reasonIn(said)).toBe(complaintIn(said));
  });

  it('is nothing where it ends for another reason', async () => {
    const [ports] = await portsFor(1);
    if (!ports) throw new Error('no ports');
    const other = createServer().listen(ports.client, '127.0.0.1');
    await once(other, 'listening');
    try {
      const words = await lastWordsOf(version, {}, ports);
      expect(words).toContain('address already in use');
      expect(complaintIn(words)).toBeUndefined();
      expect(reasonIn(words)).toContain('address already in use');
    } finally {
      other.close();
    }
  });
});
