import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure';
import { isAlive, startTime } from './alive';

const pollMilliseconds = 50;
const termSeconds = 10;

// Writes "<pid> <start time>" (fields 1 and 22 of proc(5) stat) and becomes the program: even if we are killed between the
// start of a process and the next line, it is on record. It adds a line where we may have
// written the same: a file written anew is empty for a moment, and who reads it then takes the process for ended.
const recordAndRun = `
  file=$1; shift
  { read -r stat </proc/$$/stat; } 2>/dev/null
  record() { echo "$$ \${20}" >>"$file"; }
  record \${stat##*) }
  exec "$@"`;

/** What a background process is. */
export interface DaemonSpec {
  /** Name of its log and pid files. */
  name: string;
  /** Folder of state: `<folder>/<name>.pid` and `<folder>/log/<name>.log`. */
  folder: string;
  command: [program: string, ...args: string[]];
  env?: NodeJS.ProcessEnv;
  /** Whether it serves; asked until true. */
  ready?: () => Promise<boolean>;
  readyWithinSeconds?: number;
}

/**
 * A process that outlives the one that started it. It is known by a pid file, so a later run can stop it; the file also
 * holds its start time, so that a process which got the same id by chance is never touched.
 */
export class Daemon {
  constructor(private readonly spec: DaemonSpec) {
    mkdirSync(join(spec.folder, 'log'), { recursive: true });
  }

  get name(): string {
    return this.spec.name;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    if (!existsSync(this.pidFile)) return undefined;
    const [pid, started] = readFileSync(this.pidFile, 'utf8').split(/\s/);
    const id = Number(pid);
    return id > 0 && isAlive(id) && startTime(id) === started ? id : undefined;
  }

  get logFile(): string {
    return join(this.spec.folder, 'log', `${this.spec.name}.log`);
  }

  /** Starts it unless it runs, and waits until it is ready. Throws a `Failure` with the end of its log where it does not come up. */
  async start(): Promise<void> {
    if (!this.pid) this.spawn();
    await this.untilReady();
  }

  /** Ends it: SIGTERM, and SIGKILL where that does not help within 10 seconds. Returns when it is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const pid = this.pid;
    if (pid) {
      process.kill(pid, signal);
      const patience = Date.now() + termSeconds * 1000;
      while (this.pid === pid) {
        if (Date.now() > patience) process.kill(pid, 'SIGKILL');
        await sleep(pollMilliseconds);
      }
    }
    rmSync(this.pidFile, { force: true });
  }

  private get pidFile(): string {
    return join(this.spec.folder, `${this.spec.name}.pid`);
  }

  private spawn(): void {
    rmSync(this.pidFile, { force: true }); // of one that has ended
    const log = openSync(this.logFile, 'a');
    const child = spawn('sh', ['-c', recordAndRun, 'sh', this.pidFile, ...this.spec.command], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...this.spec.env },
    });
    closeSync(log);
    child.unref();
    // the same that it writes itself: here so that `pid` is known at once
    if (child.pid) appendFileSync(this.pidFile, `${child.pid} ${startTime(child.pid) ?? ''}\n`);
  }

  private async untilReady(): Promise<void> {
    const { ready = () => Promise.resolve(true), readyWithinSeconds = 60, name } = this.spec;
    const patience = Date.now() + readyWithinSeconds * 1000;
    while (!(await ready())) {
      if (!this.pid) throw new Failure(`${name} ended while starting: ${this.logTail()}`);
      if (Date.now() > patience)
        throw new Failure(`${name} not ready after ${readyWithinSeconds} s: ${this.logTail()}`);
      await sleep(pollMilliseconds);
    }
  }

  /** The last lines of its log, and where the rest is. */
  logTail(): string {
    if (!existsSync(this.logFile)) return 'it wrote no log';
    const lines = readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-3).join(' | ');
    return `${lines} (all of it in ${this.logFile})`;
  }
}

/** A process that an earlier run started in that folder: good for `pid` and `stop`, not for `start`. */
export function daemonIn(folder: string, name: string): Daemon {
  return new Daemon({ name, folder, command: [''] });
}

/** Kills every process that was started in that folder, by whichever run. */
export async function stopDaemons(folder: string): Promise<void> {
  await Promise.all(daemonsIn(folder).map((daemon) => daemon.stop('SIGKILL')));
}

/** As `stopDaemons`, at once and without waiting for their end: for a process that is about to end itself. */
export function killDaemons(folder: string): void {
  for (const { pid } of daemonsIn(folder)) if (pid) process.kill(pid, 'SIGKILL');
}

function daemonsIn(folder: string): Daemon[] {
  const names = readdirSync(folder).flatMap((file) => (file.endsWith('.pid') ? [file.slice(0, -'.pid'.length)] : []));
  return names.map((name) => daemonIn(folder, name));
}
