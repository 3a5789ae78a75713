import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaries } from '../../../e2e/cluster/binaries/binaries';
import { eventually } from '../../../e2e/cluster/eventually';
import { freePorts } from '../../../e2e/cluster/processes/ports';
import { type NatsVersion } from '../../../e2e/cluster/versions';

/** Ports that a test gives to a server. */
export interface Ports {
  readonly client: number;
  readonly monitoring: number;
  readonly routes: number;
}

/** Ports that nobody uses, for so many servers. */
export async function portsFor(count: number): Promise<Ports[]> {
  const free = await freePorts(count * 3);
  return Array.from({ length: count }, (_, index) => {
    const [client = 0, monitoring = 0, routes = 0] = free.slice(index * 3);
    return { client, monitoring, routes };
  });
}

/** A real server on 127.0.0.1 whose config a test changes as it runs. */
export class NatsServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'nats-server-'));
  private child?: ChildProcess;
  /** What it has said since it was started last. */
  log = '';

  private constructor(
    private readonly program: string,
    readonly ports: Ports,
  ) {}

  /** Starts a server with what the config says beside its ports. Throws with its log where it does not serve. */
  static async start(version: NatsVersion, config: object, ports?: Ports): Promise<NatsServer> {
    const free = ports ?? (await portsFor(1))[0];
    if (!free) throw new Error('no ports');
    const server = new NatsServer((await binaries(`nats-server-${version}`))[`nats-server-${version}`], free);
    server.write(config);
    await server.run();
    return server;
  }

  /** Writes the config file; paths in it are relative to the server's folder, and `more` is put after it as it is. The server reads it when it is asked to, or when it starts. */
  write(config: object, more = ''): void {
    const { client, monitoring } = this.ports;
    const all = { listen: `127.0.0.1:${client}`, http: `127.0.0.1:${monitoring}`, ...config };
    this.writeText(
      Object.entries(all)
        .filter(([, value]: [string, unknown]) => value !== undefined)
        .map(([key, value]) => `"${key}": ${JSON.stringify(value)}\n`)
        .join('') + more,
    );
  }

  writeText(config: string): void {
    writeFileSync(join(this.folder, 'nats.conf'), config);
  }

  async run(): Promise<void> {
    const child = spawn(this.program, ['-c', join(this.folder, 'nats.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: this.folder,
    });
    this.child = child;
    this.log = '';
    child.stderr.on('data', (text: Buffer) => (this.log += text.toString()));
    // unlike 'exit' this comes when all that it said has been read
    const ended = once(child, 'close').then(() => {
      throw new Error(`the server ended: ${this.log}`);
    });
    ended.catch(() => undefined); // after it has served nobody waits for its end
    await Promise.race([
      ended,
      eventually(60, () => (child.exitCode === null ? this.takesClients() : Promise.resolve())),
    ]);
    if (child.exitCode !== null) await ended;
  }

  /** The monitoring port answers before JetStream has started, or failed to, and before clients are taken: this tells when they are. */
  private async takesClients(): Promise<void> {
    const { status } = await fetch(`http://127.0.0.1:${this.ports.monitoring}/healthz?js-enabled-only=true`);
    if (status !== 200) throw new Error(`not healthy: ${status}`);
  }

  async varz(): Promise<Record<string, unknown>> {
    const answer = await fetch(`http://127.0.0.1:${this.ports.monitoring}/varz`);
    return (await answer.json()) as Record<string, unknown>;
  }

  async id(): Promise<string> {
    return String((await this.varz()).server_id);
  }

  /** Ends it, and starts it with another config. */
  async restart(config: object, more = ''): Promise<void> {
    await this.kill();
    this.write(config, more);
    await this.run();
  }

  /** Ends it, and its files. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ends it at once, as an outage does; `run` starts it again. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}
