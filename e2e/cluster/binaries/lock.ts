import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../processes/alive';

const pollMilliseconds = 200;

/**
 * Runs `work` while no other process holds the lock file `path`. A lock whose process is gone is taken over.
 * Two that take over the same dead lock at once may both go on: callers must only lose time by that, not correctness.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  while (!(await take(path))) await sleep(pollMilliseconds);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(path, 'utf8').catch(() => ''));
  // an empty file is a lock just being written
  if (holder > 0 && !isAlive(holder)) await rm(path, { force: true });
  return false;
}
