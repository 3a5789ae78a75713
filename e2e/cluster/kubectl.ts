import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { binaries } from './binaries/binaries';
import { endsWithUs } from './processes/ends-with-us';

const run = promisify(execFile);

/** kubectl as one user of one cluster. */
export class Kubectl {
  constructor(private readonly kubeconfig: string) {}

  /** Runs kubectl and returns what it prints. Throws where it exits with an error, with its message. */
  async run(...args: string[]): Promise<string> {
    const { stdout } = await run(...(await this.command(args)), { maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }

  /** Starts kubectl and leaves it to the caller to end it. */
  async spawn(...args: string[]): Promise<ChildProcessByStdio<null, Readable, Readable>> {
    return spawn(...(await this.command(args)), { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** An object or a list as the API server has it. */
  async get<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.run('get', ...args, '-o', 'json')) as T;
  }

  /** Applies objects, server-side. */
  async apply(...objects: object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await this.withInput(list, 'apply', '--server-side', '-f', '-');
  }

  /** Applies YAML, server-side, also where somebody else wrote a field before. */
  async applyText(yaml: string): Promise<void> {
    await this.withInput(yaml, 'apply', '--server-side', '--force-conflicts', '-f', '-');
  }

  /** Posts an object to that path of the API, for what `apply` can't make, such as an eviction. */
  async create(path: string, object: object): Promise<void> {
    await this.withInput(JSON.stringify(object), 'create', '--raw', path, '-f', '-');
  }

  /** What a server in a pod answers to a GET, by way of the API server, so that it works from outside the cluster too. */
  proxy(namespace: string, pod: string, port: number, path: string): Promise<string> {
    return this.run('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}:${port}/proxy${path}`);
  }

  private async withInput(input: string, ...args: string[]): Promise<void> {
    const child = spawn(...(await this.command(args)), { stdio: ['pipe', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.stdin.end(input);
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`kubectl ${args.join(' ')}: ${errors.trim()}`));
      });
    });
  }

  // a test run that is killed leaves no kubectl waiting for what will not come
  private async command(args: string[]): Promise<[program: string, args: string[]]> {
    const { kubernetes } = await binaries('kubernetes');
    return endsWithUs(kubernetes, ['kubectl', `--kubeconfig=${this.kubeconfig}`, ...args]);
  }
}
