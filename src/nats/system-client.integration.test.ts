import { connect } from '@nats-io/transport-node';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateAuthority } from '../../e2e/cluster/control-plane/certificates';
import { eventually } from '../../e2e/cluster/eventually';
import { freePorts } from '../../e2e/cluster/processes/ports';
import { requestOf, type Command } from './commands';
import { has } from './capabilities';
import { ask, readTags, type SystemAccess, type SystemError } from './system-client';
import { NatsServer, portsFor } from './testing/nats-server';

const access: SystemAccess = { credentials: [{ user: 'operator', password: 'secret' }] };
const accounts = {
  $SYS: { users: [{ user: 'operator', password: 'secret' }] },
  APP: { jetstream: true, users: [{ user: 'app', password: 'app' }] },
};

function command(server: NatsServer, wanted: Command, as = access): Promise<unknown> {
  return ask({ ip: '127.0.0.1', port: server.ports.client, access: as }, requestOf(wanted));
}

async function denialOf(promise: Promise<unknown>): Promise<{ denial: string; words: string }> {
  const error = (await promise.then(
    () => new Error('it was granted'),
    (reason: unknown) => reason,
  )) as SystemError;
  return { denial: error.denial, words: error.message };
}

describe.each(['2.10.29', '2.14.9', '2.15.2'] as const)('commands to nats-server %s', (version) => {
  let servers: NatsServer[] = [];
  let configs: object[] = [];
  const server = (index: number) => {
    const found = servers[index];
    if (!found) throw new Error(`no server ${index}`);
    return found;
  };

  beforeAll(async () => {
    const ports = await portsFor(4);
    const routes = ports.map(({ routes }) => `nats://127.0.0.1:${routes}`);
    configs = ports.map((own, index) => ({
      server_name: `nats-${index}`,
      server_tags: ['it:1'],
      accounts,
      system_account: '$SYS',
      jetstream: { store_dir: 'jetstream', max_mem: 1e6, max_file: 1e8 },
      cluster: { name: 'nats', listen: `127.0.0.1:${own.routes}`, routes },
    }));
    servers = await Promise.all(ports.map((own, index) => NatsServer.start(version, configs[index] ?? {}, own)));
    await eventually(60, async () => {
      expect(await metaLeader()).not.toBe('');
    });
  }, 180_000);

  afterAll(async () => {
    await Promise.all(servers.map((each) => each.remove()));
  });

  it('reload a config', async () => {
    const { config_load_time: before } = await server(0).varz();
    await command(server(0), { kind: 'reload', serverId: await server(0).id(), to: 'it' });
    expect((await server(0).varz()).config_load_time).not.toBe(before);
  });

  it('tell which config it has loaded, by its tags', async () => {
    const config = { ...configs[0], server_tags: ['it:2'] };
    server(0).write(config);
    const id = await server(0).id();
    const address = { ip: '127.0.0.1', port: server(0).ports.client, access };
    expect(await readTags(address, id)).toEqual(['it:1']);
    await command(server(0), { kind: 'reload', serverId: id, to: 'it' });
    expect(await readTags(address, id)).toEqual(['it:2']);
  });

  it('say in the words of the server why a config is refused, and without the values', async () => {
    const { client, monitoring } = server(0).ports;
    server(0).writeText(`listen: "127.0.0.1:${client}"\nhttp: "127.0.0.1:${monitoring}"\nnonsense: 1\n`);
    const reload = { kind: 'reload', serverId: await server(0).id(), to: 'it' } as const;
    expect(await denialOf(command(server(0), reload))).toEqual({
      denial: 'refused',
      words: expect.stringContaining('unknown field "nonsense"') as string,
    });
    server(0).writeText(
      `listen: "127.0.0.1:${client}"\nhttp: "127.0.0.1:${monitoring}"\ngateway: {name: nats, port: 1, authorization: {user: a, password: hidden}}\n`,
    );
    const { words } = await denialOf(command(server(0), reload));
    expect(words).toMatch(/not supported/);
    expect(words).not.toContain('hidden');
  });

  it('let another server lead the meta group, the one that is preferred where the version can', async () => {
    const before = await metaLeader();
    const preferred = before === 'nats-1' ? 'nats-2' : 'nats-1';
    const canChoose = has(version, 'preferredLeader');
    // a group that was formed just now may refuse, as not all of it are current
    await eventually(60, async () => {
      if ((await metaLeader()) !== before) return;
      await command(server(1), { kind: 'stepDownMetaLeader', preferred: canChoose ? preferred : undefined });
    });
    await eventually(60, async () => {
      const leader = await metaLeader();
      if (canChoose) expect(leader).toBe(preferred);
      else expect(['', before]).not.toContain(leader);
    });
  }, 180_000);

  it('move a stream, and take the move back', async () => {
    const app = await connect({ servers: `127.0.0.1:${server(1).ports.client}`, user: 'app', pass: 'app' });
    const create = { name: 'ORDERS', subjects: ['orders'], num_replicas: 1, storage: 'file' };
    await eventually(60, async () => {
      const answer = (await app.request('$JS.API.STREAM.CREATE.ORDERS', JSON.stringify(create))).json<object>();
      expect(answer).not.toHaveProperty('error');
    });
    const leader = () =>
      eventually(60, async () => {
        const info = (await app.request('$JS.API.STREAM.INFO.ORDERS', '')).json<{ cluster?: { leader?: string } }>();
        expect(info.cluster?.leader).toMatch(/^nats-\d$/);
        return info.cluster?.leader ?? '';
      });
    const move = (off: string) =>
      command(server(1), { kind: 'moveStream', account: 'APP', stream: 'ORDERS', server: off });
    const from = await leader();
    await eventually(60, async () => {
      if ((await leader()) === from) await move(from);
    });
    await eventually(60, async () => {
      expect(await leader()).not.toBe(from);
    });
    // only a move that has not ended can be taken back: another one is begun until one is caught under way
    await eventually(60, async () => {
      await move(await leader()).catch(() => undefined);
      await command(server(1), { kind: 'cancelMove', account: 'APP', stream: 'ORDERS' });
    });
    await eventually(60, async () => {
      expect(await denialOf(command(server(1), { kind: 'cancelMove', account: 'APP', stream: 'NONE' }))).toEqual({
        denial: 'refused',
        words: 'stream not found',
      });
    });
    await app.close();
  }, 180_000);

  it('remove a peer, and say where there is none of that name', async () => {
    const leader = await metaLeader();
    const peer = leader === 'nats-3' ? 'nats-2' : 'nats-3';
    const left = servers.filter((_, index) => `nats-${index}` !== peer);
    await servers.find((_, index) => `nats-${index}` === peer)?.remove();
    servers = left;
    await eventually(60, () => command(left[0]!, { kind: 'removePeer', peer }));
    await eventually(60, async () => {
      expect(await denialOf(command(left[0]!, { kind: 'removePeer', peer: 'nobody' }))).toEqual({
        denial: 'refused',
        words: 'server is not a member of the cluster',
      });
    });
  }, 180_000);

  async function metaLeader(): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${server(1).ports.monitoring}/jsz`);
    const { meta_cluster } = (await answer.json()) as { meta_cluster?: { leader?: string } };
    return meta_cluster?.leader ?? '';
  }
});

describe('a server that does not let the operator in', () => {
  const servers: NatsServer[] = [];

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.remove()));
  });

  async function start(config: object): Promise<NatsServer> {
    const server = await NatsServer.start('2.15.2', config);
    servers.push(server);
    return server;
  }

  it('is tried with the password before, as it may not have read the new one', async () => {
    const server = await start({ accounts });
    const both = { credentials: [{ user: 'operator', password: 'new' }, ...access.credentials] };
    await command(server, { kind: 'reload', serverId: await server.id(), to: 'it' }, both);
  });

  it('is sent nothing where the operator turns out not to lead, which is asked when it has entered', async () => {
    const server = await start({ accounts });
    const { config_load_time: before } = await server.varz();
    const reload = requestOf({ kind: 'reload', serverId: await server.id(), to: 'it' });
    const address = { ip: '127.0.0.1', port: server.ports.client, access };
    const held = new Error('not leading');
    let connections: unknown;
    const fence = () => {
      connections = server.varz();
      throw held;
    };
    await expect(ask(address, reload, fence)).rejects.toBe(held);
    expect(await connections).toMatchObject({ total_connections: 1 });
    expect(await server.varz()).toMatchObject({ config_load_time: before });
  });

  it('is said to know no such user', async () => {
    const server = await start({ accounts });
    const wrong = { credentials: [{ user: 'operator', password: 'hidden' }] };
    const { denial, words } = await denialOf(command(server, { kind: 'reload', serverId: 'S', to: 'it' }, wrong));
    expect(denial).toBe('unknown-user');
    expect(words).not.toContain('hidden');
  });

  it('is said to be unreachable, or not to answer', async () => {
    const [port = 0] = await freePorts(1);
    const address = { ip: '127.0.0.1', port, access };
    expect(await denialOf(ask(address, requestOf({ kind: 'cancelMove', account: 'A', stream: 'S' })))).toEqual({
      denial: 'unreachable',
      words: `127.0.0.1:${port} can't be reached: connection refused`,
    });
    const server = await start({ accounts });
    expect((await denialOf(command(server, { kind: 'reload', serverId: 'NOBODY', to: 'it' }))).denial).toBe(
      'unreachable',
    );
  });

  it('speaks TLS, asks for a certificate, and is not spoken to where another authority signed its own', async () => {
    const authority = await CertificateAuthority.create('test');
    const { certificate, key } = await authority.issue({ commonName: 'nats', names: ['nats.default.svc'] });
    const server = await start({ accounts });
    const file = (name: string, content: string) => {
      const path = join(server.folder, name);
      writeFileSync(path, content);
      return path;
    };
    const tls = {
      cert_file: file('tls.crt', certificate),
      key_file: file('tls.key', key),
      ca_file: file('ca.crt', authority.pair.certificate),
      verify: true,
    };
    server.write({ accounts, tls });
    const reload = { kind: 'reload', serverId: await server.id(), to: 'it' } as const;
    await command(server, reload);
    await command(server, reload, { ...access, tls: { authority: authority.pair.certificate, certificate, key } });
    const stranger = await CertificateAuthority.create('stranger');
    for (const trust of [
      { authority: stranger.pair.certificate, certificate, key },
      { authority: authority.pair.certificate },
    ]) {
      // a server that refuses may close the connection before its reason has been read, and is tried again then
      await eventually(60, async () => {
        expect((await denialOf(command(server, reload, { ...access, tls: trust }))).denial).toBe('locked-out');
      });
    }
  });
});
