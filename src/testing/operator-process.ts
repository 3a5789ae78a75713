import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { freePorts } from '../../e2e/cluster/processes/ports';
import { endsWithUs } from '../../e2e/cluster/processes/ends-with-us';
import { projectFolder } from '../../e2e/cluster/project';
import { runSettings } from '../../image/contents';

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface OperatorProcessOptions {
  readonly kubeconfig: string;
  /** Name of its pod. */
  readonly name?: string;
  /** More options of the operator. */
  readonly args?: readonly string[];
  /** More options of Node. */
  readonly nodeOptions?: readonly string[];
}

const program = join(projectFolder, 'dist', 'nats-operator.js');

/** The bundled operator (`make build`) as a process of its own, started as its image starts it. It ends with the test. */
export class OperatorProcess {
  /** What it wrote to stdout and to stderr. */
  log = '';
  errors = '';
  ending?: Ending;
  private readonly ended: Promise<Ending>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    private readonly address: string,
  ) {
    child.stdout?.on('data', (piece: Buffer) => (this.log += piece.toString()));
    child.stderr?.on('data', (piece: Buffer) => (this.errors += piece.toString()));
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      // unlike 'exit' this comes when all of its output has been read
      child.once('close', (code, signal) => {
        this.ending = { code, signal, at: Date.now() };
        resolve(this.ending);
      });
    });
  }

  static async start({ kubeconfig, name = 'operator', args = [], nodeOptions = [] }: OperatorProcessOptions) {
    const [port = 0] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const own = [...runSettings.entrypoint.slice(1, -1), ...nodeOptions, program, `--listen=${address}`, ...args];
    const child = spawn(...endsWithUs(process.execPath, own), {
      env: { ...process.env, KUBECONFIG: kubeconfig, POD_NAME: name, POD_NAMESPACE: 'default' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new OperatorProcess(name, child, address);
  }

  /** Whether its caches are filled. */
  async isReady(): Promise<boolean> {
    const answer = await fetch(`http://${this.address}/readyz`).catch(() => undefined); // it does not listen yet
    return answer?.status === 200;
  }

  /** Its metrics in the text format of Prometheus. */
  async metrics(): Promise<string> {
    return (await fetch(`http://${this.address}/metrics`)).text();
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** How it ended; throws where it still runs after so many seconds. */
  async end(seconds: number): Promise<Ending> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${this.name} still runs after ${seconds} s; its log ends: ${this.log.slice(-500)}`));
      }, seconds * 1000);
    });
    return Promise.race([this.ended, late]).finally(() => {
      clearTimeout(timer);
    });
  }
}
