import { held, leaseTimes, mayTake, observe, released } from './lease';

const time = new Date('2026-01-02T03:04:05.678Z');
const ours = 'us';
const theirs = held({}, 'them', time);

describe('a lease', () => {
  it('may be taken by anybody while nobody holds it', () => {
    expect(mayTake({}, observe(undefined, {}, 0), ours, 0)).toBe(true);
  });

  it('may be renewed by its holder at any time', () => {
    expect(mayTake(theirs, observe(undefined, theirs, 0), 'them', 1e9)).toBe(true);
  });

  it('may be taken from another only when it was not renewed for its duration, by our own clock', () => {
    const seen = observe(undefined, theirs, 1000);
    expect(mayTake(theirs, seen, ours, 1000 + 14_999)).toBe(false);
    expect(mayTake(theirs, seen, ours, 1000 + 15_000)).toBe(true);
  });

  it('counts from the last change that we saw, whatever time the holder wrote', () => {
    const long = { ...theirs, renewTime: '1999-01-01T00:00:00.000000Z' };
    const first = observe(undefined, long, 0);
    expect(observe(first, long, 10_000)).toBe(first);
    const renewed = observe(first, { ...long, renewTime: '1999-01-01T00:00:02.000000Z' }, 10_000);
    expect(mayTake(long, renewed, ours, 20_000)).toBe(false);
    expect(mayTake(long, renewed, ours, 25_000)).toBe(true);
  });

  it('lasts as long as its holder said, not as long as we would', () => {
    const longer = { ...theirs, leaseDurationSeconds: 60 };
    expect(mayTake(longer, observe(undefined, longer, 0), ours, 59_000)).toBe(false);
  });

  it('counts a change of hands, and keeps the time of it while it is renewed', () => {
    const taken = held(theirs, ours, time);
    expect(taken).toEqual({
      holderIdentity: ours,
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-02T03:04:05.678000Z',
      renewTime: '2026-01-02T03:04:05.678000Z',
      leaseTransitions: 2,
    });
    const later = new Date(time.getTime() + 2000);
    expect(held(taken, ours, later)).toEqual({ ...taken, renewTime: '2026-01-02T03:04:07.678000Z' });
  });

  it('is free at once after it was given away', () => {
    const free = released(theirs, time);
    expect(mayTake(free, observe(undefined, free, 0), ours, 0)).toBe(true);
    expect(held(free, ours, time).leaseTransitions).toBe(2);
  });

  it('runs out for its holder before it does for the others', () => {
    expect(leaseTimes.renewDeadline).toBeLessThan(leaseTimes.duration);
    expect(leaseTimes.retryPeriod * 2).toBeLessThan(leaseTimes.renewDeadline);
  });
});
