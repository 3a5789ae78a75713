import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `check` no longer throws; what it threw last is thrown when `seconds` are over. */
export async function eventually<T>(seconds: number, check: () => Promise<T>): Promise<T> {
  const patience = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > patience) throw error;
      await sleep(250);
    }
  }
}
