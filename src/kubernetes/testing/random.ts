/** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The seed of a test: `SEED`, or always the same one, so that a test that fails fails for what was changed. To search for what
 * nobody thought of, run with `SEED=$RANDOM`. Print it, so that a failure can be repeated.
 */
export function testSeed(): number {
  return Number(process.env.SEED ?? 1);
}
