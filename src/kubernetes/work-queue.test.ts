import fc from 'fast-check';
import { testSeed } from './testing/random';
import { WorkQueue, type Priority } from './work-queue';

describe('a work queue', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('gives a key that comes twice only once', async () => {
    const queue = new WorkQueue();
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(1);
    expect(await queue.take()).toBe('a');
    expect(await takenNow(queue)).toEqual([]);
  });

  it('gives a key that comes while it is worked on again, but only after that', async () => {
    const queue = new WorkQueue();
    queue.add('a');
    expect(await queue.take()).toBe('a');
    queue.add('a');
    queue.add('a', 'high');
    expect(await takenNow(queue)).toEqual([]);
    queue.done('a');
    expect(await takenNow(queue)).toEqual(['a']);
  });

  it('gives what a user edited first and what a resync brought last, each in its order', async () => {
    const queue = new WorkQueue();
    queue.add('resync', 'low');
    queue.add('first');
    queue.add('second');
    queue.add('edited', 'high');
    expect(await takenNow(queue)).toEqual(['edited', 'first', 'second', 'resync']);
  });

  it('lets no resync wait for more than five seconds because of what is not urgent', async () => {
    const queue = new WorkQueue();
    queue.add('late', 'low');
    jest.advanceTimersByTime(5001);
    queue.add('usual', 'normal');
    queue.add('urgent', 'high');
    expect(await queue.take()).toBe('urgent');
    expect(await queue.take()).toBe('late');
    expect(await queue.take()).toBe('usual');
  });

  it('is busy while a key waits that is not of low priority', () => {
    const queue = new WorkQueue();
    queue.add('a', 'low');
    expect(queue.busy).toBe(false);
    queue.add('b');
    expect(queue.busy).toBe(true);
  });

  it('raises the priority of a key that waits, and never lowers it', async () => {
    const queue = new WorkQueue();
    queue.add('a', 'low');
    queue.add('b');
    queue.add('a', 'high');
    queue.add('a', 'low');
    expect(queue.depth).toBe(2);
    expect(await takenNow(queue)).toEqual(['a', 'b']);
  });

  it('waits longer after each failure, from 5 ms to 5 minutes, and forgets failures after a success', async () => {
    const queue = new WorkQueue({}, () => 1); // no spread
    const waited = async () => {
      const began = performance.now();
      while (queue.depth === 0) jest.advanceTimersToNextTimer();
      await takenNow(queue);
      queue.done('a');
      return performance.now() - began;
    };
    const waits: number[] = [];
    for (let failure = 0; failure < 20; failure++) {
      queue.retry('a');
      waits.push(await waited());
    }
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(300_000);
    queue.succeeded('a');
    queue.retry('a');
    expect(await waited()).toBe(5);
  });

  it('gives a key that is wanted now at once, and not again when its time would have come', async () => {
    const queue = new WorkQueue();
    queue.addAfter('a', 1000);
    queue.add('a');
    expect(await takenNow(queue)).toEqual(['a']);
    queue.done('a');
    jest.advanceTimersByTime(2000);
    expect(await takenNow(queue)).toEqual([]);
  });

  it('keeps the earliest of the times that a key is wanted at', async () => {
    const queue = new WorkQueue();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 5000);
    queue.addAfter('b', 5000);
    queue.addAfter('b', 1000);
    jest.advanceTimersByTime(1000);
    expect(await takenNow(queue)).toEqual(['a', 'b']);
  });

  it('lets its workers go when it is closed, and takes nothing more', async () => {
    const queue = new WorkQueue();
    const worker = queue.take();
    queue.addAfter('later', 10);
    queue.close();
    expect(await worker).toBeUndefined();
    queue.add('a');
    jest.advanceTimersByTime(100);
    expect(queue.depth).toBe(0);
    expect(await queue.take()).toBeUndefined();
  });

  it('tells how deep it is and how long a key waited', async () => {
    const seen: unknown[] = [];
    const queue = new WorkQueue({
      added: (depth) => seen.push(['added', depth]),
      taken: (waited, depth) => seen.push(['taken', waited, depth]),
      retried: () => seen.push('retried'),
    });
    queue.add('a');
    jest.advanceTimersByTime(1500);
    await queue.take();
    queue.retry('a');
    expect(seen).toEqual([['added', 1], ['taken', 1.5, 0], 'retried']);
  });

  // The model: a key that was added since it was last given out is owed; a key in work is never given out.
  it('never gives a key to two workers and owes none in the end, whatever happens', async () => {
    const seed = testSeed();
    const key = fc.constantFrom('a', 'b', 'c');
    const priority = fc.constantFrom<Priority>('high', 'normal', 'low');
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key, priority }),
      fc.record({ do: fc.constant('addAfter' as const), key, ms: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ do: fc.constant('retry' as const), key }),
      fc.record({ do: fc.constant('take' as const) }),
      fc.record({ do: fc.constant('done' as const), key }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 60 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const queue = new WorkQueue({}, () => 0.5);
        const inWork = new Set<string>();
        const owed = new Set<string>();
        const take = async () => {
          for (const taken of await takenNow(queue, 1)) {
            expect(inWork).not.toContain(taken);
            inWork.add(taken);
            owed.delete(taken);
          }
        };
        const done = (given: string) => {
          if (inWork.delete(given)) queue.done(given);
        };
        for (const { do: what, ...rest } of steps as { do: string; key: string; priority: Priority; ms: number }[]) {
          if (what === 'add') queue.add(rest.key, rest.priority);
          if (what === 'addAfter') queue.addAfter(rest.key, rest.ms);
          if (what === 'retry') queue.retry(rest.key);
          if (['add', 'addAfter', 'retry'].includes(what)) owed.add(rest.key);
          if (what === 'take') await take();
          if (what === 'done') done(rest.key);
          if (what === 'pass') jest.advanceTimersByTime(rest.ms);
        }
        for (let round = 0; round < 10; round++) {
          jest.advanceTimersByTime(300_000);
          await take();
          for (const given of [...inWork]) done(given);
        }
        expect([...owed]).toEqual([]);
        expect(queue.depth).toBe(0);
        queue.close();
      }),
      { seed, numRuns: 300 },
    );
  });
});

/** The keys that are there to be taken now, at most that many. */
async function takenNow(queue: WorkQueue, most = Infinity): Promise<string[]> {
  const taken: string[] = [];
  while (queue.depth > 0 && taken.length < most) taken.push((await queue.take()) ?? '');
  return taken;
}
