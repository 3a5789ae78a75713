import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaries } from '../../../e2e/cluster/binaries/binaries';
import { eventually } from '../../../e2e/cluster/eventually';
import { freePorts } from '../../../e2e/cluster/processes/ports';
import { type NatsVersion } from '../../../e2e/cluster/versions';
import { aCluster } from '../../resources/testing/a-cluster';
import { natsConf } from '../nats-conf/nats-conf';
import { type Secrets, type SecretValues } from '../secrets';

export interface RealServerOptions {
  readonly version: NatsVersion;
  readonly name?: string;
  /** The user's secrets: they are written to files for the server. */
  readonly secrets?: Secrets;
  readonly env?: NodeJS.ProcessEnv;
  /** Changes of the config beyond paths and addresses. */
  readonly edit?: (conf: string) => string;
}

/** A nats-server that runs with the config of a cluster of one, as a process of this machine, on ports that nobody else has. */
export class RealServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly ports: { readonly client: number; readonly routes: number; readonly monitoring: number },
  ) {}

  /** Starts it and waits until it serves. Throws with what it said where it ends. */
  static async start(spec: Record<string, unknown>, options: RealServerOptions): Promise<RealServer> {
    const {
      version,
      name = 'nats',
      secrets = new Map<string, SecretValues>(),
      env,
      edit = (text: string) => text,
    } = options;
    const { [`nats-server-${version}` as const]: program } = await binaries(`nats-server-${version}`);
    const folder = mkdtempSync(join(tmpdir(), 'real-server-'));
    const [client = 0, routes = 0, monitoring = 0] = await freePorts(3);
    for (const values of secrets.values()) for (const [key, value] of values) writeFileSync(join(folder, key), value);
    const conf = natsConf(aCluster({ size: 1, ...spec, version }, { name }), secrets)
      .replaceAll(/\/etc\/nats-[a-z-]+(?:\/[a-z]+)?(?=\/[\w.-]+")/g, folder)
      .replaceAll(new RegExp(`${name}-0\\.${name}-routes\\.default\\.svc:6222`, 'g'), `127.0.0.1:${routes}`)
      .replace('"port": 4222', `"port": ${client}`)
      .replace('"port":6222', `"port":${routes}`)
      .replace('"http_port": 8222', `"http_port": ${monitoring}`)
      .replaceAll('STORE', join(folder, 'store'));
    writeFileSync(join(folder, 'nats.conf'), edit(conf));
    const child = spawn(program, ['-c', join(folder, 'nats.conf')], { env: { ...process.env, ...env } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const closed = once(child, 'close');
    const server = new RealServer(child, folder, { client, routes, monitoring });
    try {
      // an end is an answer too: there is nothing to wait for any longer
      await eventually(60, () => {
        if (child.exitCode === null && !said.includes('Server is ready')) throw new Error(`it is not ready: ${said}`);
        return Promise.resolve();
      });
      if (child.exitCode !== null) {
        await closed; // all that it said has been read by then
        throw new Error(`it ended: ${said}`);
      }
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true });
  }
}
