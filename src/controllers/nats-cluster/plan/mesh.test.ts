import { canRoute } from './mesh';

describe('servers', () => {
  it.each([
    ['1.0.4', '1.4.1', true],
    ['2.10.29', '2.15.2', true],
    ['1.4.1', '2.0.0', false],
    ['2.15.2', '1.0.4', false],
    ['10.0.0', '2.0.0', true],
  ])('of %s and %s can have a route: %s', (a, b, can) => {
    expect(canRoute(a, b)).toBe(can);
  });
});
