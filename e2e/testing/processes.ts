import { readdirSync, readFileSync } from 'node:fs';

/** Processes of this machine, in whatever container, that have this among their arguments. */
export function processesOf(argument: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && commandLine(pid).includes(argument));
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // it ended meanwhile, or is not ours to look at
  }
}
