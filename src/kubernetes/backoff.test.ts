import { backoffMs } from './backoff';

describe('backoff', () => {
  const times = { firstMs: 100, maxMs: 5000 };

  it('doubles with each failure up to its longest', () => {
    expect([1, 2, 3, 6, 7, 1000].map((failures) => backoffMs(times, failures, 1))).toEqual([
      100, 200, 400, 3200, 5000, 5000,
    ]);
  });

  it('is spread over the upper half, so that many who fail together do not come back together', () => {
    expect(backoffMs(times, 3, 0)).toBe(200);
    expect(backoffMs(times, 3, 0.5)).toBe(300);
  });
});
