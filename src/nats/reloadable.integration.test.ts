import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateAuthority } from '../../e2e/cluster/control-plane/certificates';
import { requestOf } from './commands';
import { isReloadable, reloadable } from './reloadable';
import { ask, type SystemError } from './system-client';
import { NatsServer, portsFor, type Ports } from './testing/nats-server';

type Config = Record<string, unknown>;

const system = { user: 'operator', password: 'secret' };
const accounts = { $SYS: { users: [system] } };
const alice = { user: 'alice', password: 'alice' };
const bob = { user: 'bob', password: 'bob' };

/** For each key two values, put into a config that has what they need. */
interface Change {
  readonly key: string;
  readonly before: Config;
  readonly after: Config;
}

function top(key: string, before: unknown, after: unknown): Change {
  return { key, before: { [key]: before }, after: { [key]: after } };
}

function inside(block: string, base: Config, key: string, before: unknown, after: unknown): Change {
  const name = `${block}.${key}`;
  return {
    key: name,
    before: { [block]: { ...base, [key]: before } },
    after: { [block]: { ...base, [key]: after } },
  };
}

function changes({ routes }: Ports): Change[] {
  const cluster = { name: 'nats', listen: `127.0.0.1:${routes}` };
  const mqtt = { listen: '127.0.0.1:-1' };
  const jetstream = { store_dir: 'jetstream', max_mem: 1e6, max_file: 1e7 };
  const files = (name: string) => ({ cert_file: `${name}.crt`, key_file: `${name}.key`, ca_file: 'ca.crt' });
  const withMqtt = (key: string, before: unknown, after: unknown): Change => {
    const change = inside('mqtt', mqtt, key, before, after);
    const rest = { server_name: 'nats-0', jetstream };
    return { ...change, before: { ...rest, ...change.before }, after: { ...rest, ...change.after } };
  };
  return [
    top('debug', false, true),
    top('trace', false, true),
    top('trace_verbose', false, true),
    top('logtime', true, false),
    top('logtime_utc', false, true),
    top('log_file', 'a.log', 'b.log'),
    top('syslog', false, true),
    top('remote_syslog', 'udp://127.0.0.1:514', 'udp://127.0.0.1:515'),
    top('max_traced_msg_len', 1, 2),
    top('connect_error_reports', 10, 20),
    top('reconnect_error_reports', 10, 20),
    top('max_connections', 10, 20),
    top('max_payload', 1000, 2000),
    top('max_control_line', 1000, 2000),
    top('ping_interval', '10s', '20s'),
    top('ping_max', 2, 3),
    top('write_deadline', '5s', '6s'),
    top('client_advertise', '127.0.0.1:1', '127.0.0.1:2'),
    top('server_tags', ['a'], ['b']),
    top('server_metadata', { a: 'b' }, { a: 'c' }),
    top('prof_block_rate', 1, 2),
    top('authorization', { users: [alice] }, { users: [alice, bob] }),
    { key: 'authorization', before: {}, after: { authorization: { users: [alice], timeout: 3 } } },
    { key: 'authorization', before: { authorization: { users: [alice] } }, after: {} },
    {
      key: 'accounts',
      before: { accounts: { ...accounts, APP: { users: [alice] } } },
      after: { accounts: { ...accounts, APP: { users: [alice, bob] }, OTHER: { users: [] } } },
    },
    top('tls', files('old'), files('new')),
    top('tls', { ...files('old'), timeout: 2 }, { ...files('old'), timeout: 3, verify: true }),
    inside('cluster', cluster, 'routes', [], ['nats://127.0.0.1:1']),
    inside('cluster', cluster, 'no_advertise', false, true),
    inside('cluster', cluster, 'cluster_advertise', '127.0.0.1:1', '127.0.0.1:2'),
    inside('cluster', cluster, 'authorization', alice, bob),
    inside('cluster', cluster, 'permissions', { import: ['a'], export: ['a'] }, { import: ['b'], export: ['b'] }),
    inside('cluster', cluster, 'tls', files('old'), files('new')),
    inside('cluster', cluster, 'pool_size', 3, 4),
    inside('cluster', cluster, 'compression', 'off', 's2_fast'),
    withMqtt('ack_wait', '10s', '20s'),
    withMqtt('max_ack_pending', 10, 20),
    withMqtt('stream_replicas', 1, 2),
    withMqtt('consumer_replicas', 1, 2),
    withMqtt('consumer_memory_storage', false, true),
    withMqtt('consumer_inactive_threshold', '10s', '20s'),
    // and some that need a restart
    top('server_name', 'a', 'b'),
    top('lame_duck_duration', '60s', '70s'),
    top('lame_duck_grace_period', '10s', '11s'),
    top('max_pending', 2e6, 3e6),
    top('max_subscriptions', 10, 20),
    top('no_auth_user', 'alice', 'bob'),
    top('max_closed_clients', 10, 20),
    // not cluster.name: servers take another one, and then the members refuse each other until all have it
    // without listen, which servers read before or after port, as it comes
    inside('cluster', { name: 'nats', host: '127.0.0.1' }, 'port', routes, routes + 1),
    { ...inside('jetstream', jetstream, 'store_dir', 'a', 'b') },
    { ...inside('jetstream', jetstream, 'domain', 'a', 'b') },
    { key: 'leafnodes.port', before: { leafnodes: { port: -1 } }, after: { leafnodes: { port: routes + 1 } } },
    {
      key: 'gateway.name',
      before: { gateway: { name: 'nats', listen: '127.0.0.1:-1' } },
      after: { gateway: { name: 'other', listen: '127.0.0.1:-1' } },
    },
    {
      key: 'websocket.port',
      before: { websocket: { listen: '127.0.0.1:-1', no_tls: true } },
      after: { websocket: { listen: `127.0.0.1:${routes + 2}`, no_tls: true } },
    },
  ];
}

describe.each(['2.10.29', '2.14.9', '2.15.2'] as const)('what nats-server %s reloads', (version) => {
  it('is what the table says, key by key', async () => {
    const [ports] = await portsFor(1);
    if (!ports) throw new Error('no ports');
    const authority = await CertificateAuthority.create('test');
    const issue = () => authority.issue({ commonName: 'nats', names: ['127.0.0.1'] });
    const pairs = [await issue(), await issue()] as const;
    const server = await NatsServer.start(version, { accounts }, ports);
    const write = (name: string, content: string) => {
      writeFileSync(join(server.folder, name), content);
    };
    for (const [name, { certificate, key }] of [
      ['old', pairs[0]],
      ['new', pairs[1]],
    ] as const) {
      write(`${name}.crt`, certificate);
      write(`${name}.key`, key);
    }
    write('ca.crt', authority.pair.certificate);
    const tls = { authority: authority.pair.certificate, ...pairs[0] };
    const differing: string[] = [];
    const tried = new Set<string>();
    try {
      for (const { key, before, after } of changes(ports)) {
        if (key === 'server_metadata' && !isReloadable(key, version)) continue; // unknown there
        const base = { accounts, ...(key === 'no_auth_user' && { authorization: { users: [alice, bob] } }) };
        const started = await server.restart({ ...base, ...before }).then(
          () => 'started',
          (error: unknown) => (error as Error).message,
        );
        if (started !== 'started') {
          differing.push(`${key}: ${started.slice(-200)}`);
          continue;
        }
        server.write({ ...base, ...after });
        const id = await server.id();
        const access = { credentials: [system], tls: 'tls' in before ? tls : undefined };
        const address = { ip: '127.0.0.1', port: ports.client, access };
        const taken = await ask(address, requestOf({ kind: 'reload', serverId: id, to: key })).then(
          () => 'taken',
          (error: unknown) => `${(error as SystemError).denial}: ${(error as Error).message}`,
        );
        tried.add(key);
        // one that can't be reached has not refused anything
        const expected = isReloadable(key, version) ? /^taken$/ : /^refused: /;
        if (!expected.test(taken)) differing.push(`${key}: ${taken}`);
      }
    } finally {
      await server.remove();
    }
    expect(differing).toEqual([]);
    const untried = Object.keys(reloadable).filter((key) => isReloadable(key, version) && !tried.has(key));
    expect(untried).toEqual(['resolver_preload']); // needs an operator's JWT
  }, 400_000);
});
