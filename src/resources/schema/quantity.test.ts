import { bytes } from './quantity';

it.each([
  ['0', 0],
  [1024, 1024],
  ['1Ki', 1024],
  ['10Gi', 10 * 2 ** 30],
  ['1.5Ti', 1.5 * 2 ** 40],
  ['2G', 2e9],
  ['1500m', 2],
])('reads %s', (quantity, expected) => {
  expect(bytes(quantity)).toBe(expected);
});

it.each(['', 'Gi', '1GB', '-1', '1e3'])('refuses %j', (text) => {
  expect(() => bytes(text)).toThrow(RangeError);
});
