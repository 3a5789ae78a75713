import { existsSync } from 'node:fs';

const setpriv = '/usr/bin/setpriv';

/**
 * A command that the kernel ends together with the process that starts it, even where that is killed and can end nothing
 * itself: prctl(2), PR_SET_PDEATHSIG. Where the system has no setpriv (util-linux) it is the command as it was.
 */
export function endsWithUs(program: string, args: string[]): [program: string, args: string[]] {
  return existsSync(setpriv) ? [setpriv, ['--pdeathsig', 'KILL', '--', program, ...args]] : [program, args];
}
