import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { eventually } from '../eventually';
import { isAlive } from './alive';
import { endsWithUs } from './ends-with-us';

const run = promisify(execFile);
const onLinux = existsSync('/usr/bin/setpriv') ? it : it.skip;

/** Starts a process that starts the command and prints its process id, and kills the first. Returns the id. */
async function orphan(program: string, args: string[]): Promise<number> {
  const script = `
    const child = require('node:child_process').spawn(${JSON.stringify(program)}, ${JSON.stringify(args)}, { stdio: 'ignore' });
    console.log(child.pid);`;
  const parent = spawn('node', ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = await new Promise<number>((resolve) => {
    parent.stdout.once('data', (line: Buffer) => {
      resolve(Number(line.toString()));
    });
  });
  // the kernel is told by setpriv, so not before the command itself runs
  await eventually(60, async () => {
    expect(await isRunning(pid, program, args)).toBe(true);
  });
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  return pid;
}

async function isRunning(pid: number, program: string, args: string[]): Promise<boolean> {
  const command = args.includes('--') ? args.slice(args.indexOf('--') + 1) : [program, ...args];
  const { stdout } = await run('ps', ['-o', 'args=', '-p', String(pid)]);
  return stdout.trim() === command.join(' ');
}

describe('a command that ends with us', () => {
  onLinux('is gone when the process that started it was killed', async () => {
    const pid = await orphan(...endsWithUs('sleep', ['60']));
    await eventually(60, async () => {
      expect(await Promise.resolve(isAlive(pid))).toBe(false);
    });
  });

  it('would live on otherwise', async () => {
    const pid = await orphan('sleep', ['60']);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('keeps what it prints and how it ends', () => {
    const [program, args] = endsWithUs('sh', ['-c', 'echo said; exit 3']);
    expect(() => execFileSync(program, args, { encoding: 'utf8' })).toThrow(
      expect.objectContaining({ status: 3, stdout: 'said\n' }) as Error,
    );
  });
});
