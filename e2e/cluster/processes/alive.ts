import { readFileSync } from 'node:fs';

/** Whether a process of that id runs (it may belong to somebody else). A zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return stat(pid)?.state !== 'Z';
}

/**
 * When a process started, in clock ticks since boot: together with its id it names a process for good, where the id alone
 * may have been given to another since. Undefined where the system has no /proc.
 */
export function startTime(pid: number): string | undefined {
  return stat(pid)?.startTime;
}

// proc(5): pid (name) state ppid ...; the name may hold blanks and brackets, so count from its last bracket.
function stat(pid: number): { state?: string; startTime?: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], startTime: fields[19] };
  } catch {
    return undefined; // gone meanwhile, or no /proc
  }
}
