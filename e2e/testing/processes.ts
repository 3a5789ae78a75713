import { readdirSync, readFileSync } from 'node:fs';

/** Processes of this machine, in whatever container, that have this among their arguments. */
export function processesOf(argument: string): number[] {
  return processesWith('cmdline', argument);
}

/** Processes of this machine in the containers of the pod with that host name, but for the one that only holds its network. */
export function processesIn(hostName: string): number[] {
  return processesWith('environ', `HOSTNAME=${hostName}`);
}

function processesWith(file: 'cmdline' | 'environ', entry: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && entriesOf(`/proc/${pid}/${file}`).includes(entry));
}

function entriesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\0');
  } catch {
    return []; // it ended meanwhile, or is not ours to look at
  }
}
