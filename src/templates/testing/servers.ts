import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { binaries } from '../../../e2e/cluster/binaries/binaries';
import { eventually } from '../../../e2e/cluster/eventually';
import { freePorts } from '../../../e2e/cluster/processes/ports';
import { type NatsVersion } from '../../../e2e/cluster/versions';
import { type Credentials, type SystemAddress } from '../../nats/system-client';
import { patientlyConnect } from '../../nats/testing/patiently-connect';
import { aCluster } from '../../resources/testing/a-cluster';
import { renderedConf } from '../nats-conf/nats-conf';
import { type ServiceUser } from '../nats-conf/service-users';
import { type Secrets } from '../secrets';

interface Wish {
  readonly spec: Record<string, unknown>;
  readonly secrets?: Secrets;
  readonly serviceUsers?: readonly ServiceUser[];
  /** Password of the operator's own user, and what the id of the config is made with. */
  readonly systemPassword?: string;
  /** Files beside nats.conf, by their path from there. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Real servers on this machine, as processes, with the nats.conf that a cluster would have. */
export class Servers {
  private readonly folder = mkdtempSync(join(tmpdir(), 'nats-servers-'));
  private readonly running: ChildProcess[] = [];
  private readonly connections: NatsConnection[] = [];
  private ports: { client: number; routes: number; monitoring: number }[] = [];

  constructor(private readonly version: NatsVersion) {}

  /** Starts so many members, in place of those that ran, and waits until they serve and see each other. */
  async start(wish: Wish, size = 1): Promise<void> {
    await this.stop();
    const free = await freePorts(3 * size);
    this.ports = Array.from({ length: size }, (_, member) => {
      const [client = 0, routes = 0, monitoring = 0] = free.slice(3 * member);
      return { client, routes, monitoring };
    });
    for (const member of this.ports.keys()) {
      const home = this.home(member);
      for (const [path, content] of Object.entries({ ...wish.files, 'nats.conf': this.render(wish, member, home) })) {
        mkdirSync(dirname(join(home, path)), { recursive: true });
        writeFileSync(join(home, path), content);
      }
      this.running[member] = await this.run(member);
    }
    await this.serving();
  }

  /** Writes another nats.conf for all members, which they read when they are asked to. */
  change(wish: Wish): void {
    for (const member of this.ports.keys()) {
      const home = this.home(member);
      writeFileSync(join(home, 'nats.conf'), this.render(wish, member, home));
    }
  }

  /** Where the operator reaches a member, with these credentials of the system account. */
  address(member: number, ...credentials: Credentials[]): SystemAddress {
    return { ip: '127.0.0.1', port: this.ports[member]?.client ?? 0, access: { credentials } };
  }

  /** What the monitoring port of a member says. */
  async monitoring(member: number, path: string): Promise<Record<string, unknown>> {
    const answer = await fetch(`http://127.0.0.1:${this.ports[member]?.monitoring ?? 0}/${path}`);
    return (await answer.json()) as Record<string, unknown>;
  }

  /** Ends a member and starts it again with the same folder, without what a pod without claim loses. */
  async restart(member: number): Promise<void> {
    const child = this.running[member];
    if (child) await ended(child);
    rmSync(join(this.home(member), 'run'), { recursive: true, force: true });
    this.running[member] = await this.run(member);
    await this.serving();
  }

  /** A client of a member, closed when the servers stop. Rejects where the server does not let it in. */
  async client(options: ConnectionOptions = {}, member = 0): Promise<NatsConnection> {
    const servers = `127.0.0.1:${this.ports[member]?.client ?? 0}`;
    const connection = await patientlyConnect({ servers, timeout: 5000, ...options });
    this.connections.push(connection);
    return connection;
  }

  async stop(): Promise<void> {
    await Promise.all(this.connections.splice(0).map((connection) => connection.close()));
    await Promise.all(this.running.splice(0).map(ended));
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  private home(member: number): string {
    return join(this.folder, String(member));
  }

  private async run(member: number): Promise<ChildProcess> {
    const { [`nats-server-${this.version}` as const]: program } = await binaries(`nats-server-${this.version}`);
    const file = (name: string) => join(this.home(member), name);
    // as in a pod: a name that comes with a flag is forgotten at a reload
    writeFileSync(file('member.conf'), `server_name: nats-${member}\ninclude 'nats.conf'\n`);
    const config = this.version === '1.0.4' ? 'nats.conf' : 'member.conf';
    rmSync(file('log'), { force: true }); // what it said before a restart
    return spawn(program, ['-c', file(config), '-l', file('log')], { stdio: 'ignore' });
  }

  /** Waits until all members serve and see each other; says what they logged where they don't. */
  private serving(): Promise<void> {
    return eventually(60, async () => {
      for (const [member, { monitoring }] of this.ports.entries()) {
        const log = readFileSync(join(this.home(member), 'log'), 'utf8');
        // it answers on its monitoring port before it takes clients
        if (!log.includes('Server is ready')) throw new Error(`member ${member} does not serve: ${log}`);
        const answer = await fetch(`http://127.0.0.1:${monitoring}/routez`);
        const { routes = [] } = (await answer.json()) as { routes?: { remote_id: string }[] };
        const others = new Set(routes.map(({ remote_id: id }) => id)).size;
        if (others !== this.ports.length - 1) throw new Error(`member ${member} has routes to ${others} others`);
      }
    });
  }

  /** nats.conf as rendered, with paths and addresses of this machine in place of the pod's. */
  private render(wish: Wish, member: number, home: string): string {
    const { spec, secrets = new Map(), serviceUsers = [], systemPassword } = wish;
    const ports = this.ports[member] ?? { client: 0, routes: 0, monitoring: 0 };
    const cluster = aCluster({ ...spec, version: this.version, size: this.ports.length });
    return renderedConf(cluster, secrets, serviceUsers, systemPassword)
      .text.replace('"port": 4222', `"port": ${ports.client}\n"host": "127.0.0.1"`)
      .replace('"http_port": 8222', `"http_port": ${ports.monitoring}`)
      .replace('"port":6222', `"port":${ports.routes}`)
      .replaceAll(
        /nats-(\d)\.nats-routes\.default\.svc:6222/g,
        (_, at) => `127.0.0.1:${this.ports[Number(at)]?.routes}`,
      )
      .replaceAll('/var/run/nats', join(home, 'run'))
      .replaceAll('"/data', `"${join(home, 'data')}`)
      .replaceAll(/\/etc\/nats-server-tls-certs/g, join(home, 'tls'));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null && child.kill('SIGKILL')) await exit;
}
