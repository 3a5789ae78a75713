import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { nodesAreOurs } from '../cluster/provider';
import { processesIn } from './processes';

/** What a server does to files, and to sockets too: nothing tells them apart when it is delayed. */
const writes = ['write', 'pwrite64', 'openat', 'fsync', 'renameat', 'ftruncate'];

/**
 * Makes each write of the processes in the pod with that host name take so many milliseconds longer, as with a disk that is slow, until `end` is
 * called or they end.
 */
export async function slowWrites(hostName: string, ms: number): Promise<{ end(): Promise<void> }> {
  const pids = processesIn(hostName);
  if (pids.length === 0) throw new Error(`no process of ${hostName} is on this machine`);
  const inject = `inject=${writes.join()}:delay_enter=${ms * 1000}`;
  const attached = pids.flatMap((pid) => ['-p', String(pid)]);
  const child = spawn('strace', ['-f', '-o', '/dev/null', '-e', `trace=${writes.join()}`, '-e', inject, ...attached], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close');
  await Promise.race([once(child.stderr, 'data'), ended]);
  if (!/attached/.test(said)) throw new Error(`strace: ${said.trim()}`);
  return {
    async end() {
      child.kill('SIGINT'); // it lets go of them first
      await ended;
    },
  };
}

/** `it` for a test that slows servers down: skipped, with the reason in its name, where that can't be done. */
export function itSlowsWrites(name: string, test: () => Promise<void>, timeoutMs: number): void {
  const problem = nodesAreOurs(process.env)
    ? withoutStrace()
    : 'nodes of an existing cluster are not ours to slow down';
  if (problem === undefined) it(name, test, timeoutMs);
  else it.skip(`${name} (${problem})`, test, timeoutMs);
}

function withoutStrace(): string | undefined {
  return spawnSync('strace', ['--version']).error && 'there is no strace to slow writes with';
}
