import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { binaries } from '../cluster/binaries/binaries';
import { currentCluster } from '../cluster/current';
import { projectFolder } from '../cluster/project';

const readme = readFileSync(join(projectFolder, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, commands = '']) => commands);
const targets = new Set([...readme.matchAll(/\bmake ([a-z0-9-]+)/g)].map(([, target = '']) => target));
const makefile = readFileSync(join(projectFolder, 'Makefile'), 'utf8');

// Blocks marked `sh` are run as they stand, in order, as a reader does it; those marked `console` build things, and the
// continuous integration runs them.
describe('README.md', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const { kubernetes } = await binaries('kubernetes');
    folder = mkdtempSync(join(tmpdir(), 'nats-operator-readme-'));
    symlinkSync(kubernetes, join(folder, 'kubectl'));
    cpSync(join(projectFolder, 'example'), join(folder, 'example'), { recursive: true });
    const PATH = [folder, process.env.PATH].join(delimiter);
    env = { ...process.env, PATH, KUBECONFIG: (await currentCluster()).kubeconfig() };
    const there = await run('kubectl get nats -o name 2>/dev/null || true');
    const foreign = there.split('\n').filter((name) => name && !/\/example-/.test(name));
    if (foreign.length > 0) throw new Error(`the README uses namespace default, which holds ${foreign.join()}`);
    await run(cleaning);
  }, 400_000);

  afterAll(async () => {
    await run(cleaning);
    rmSync(folder, { recursive: true });
  }, 400_000);

  const cleaning = `
    kubectl get nats -o name | { grep /example- || true; } | xargs -r kubectl delete --ignore-not-found --timeout=120s
    kubectl delete secret nats-clients-tls nats-routes-tls --ignore-not-found
    kubectl delete pvc --selector nats_cluster=example-streams
    kubectl delete pod nats-box --now --ignore-not-found`;

  it('has commands', () => {
    expect(blocks.length).toBeGreaterThan(6);
  });

  it.each(blocks)(
    '%s',
    async (commands) => {
      expect(await run(commands)).not.toBe('');
    },
    900_000,
  );

  it.each([...targets])('names a target of the Makefile: %s', (target) => {
    expect(makefile).toMatch(new RegExp(`^${target}:`, 'm'));
  });

  async function run(commands: string): Promise<string> {
    const script = `set -euo pipefail\n${commands}`;
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env });
    return stdout;
  }
});
