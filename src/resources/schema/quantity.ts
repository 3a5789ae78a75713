const factors: Readonly<Record<string, number>> = {
  ...{ m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** The bytes of a quantity such as `10Gi` or 1024. Throws a `RangeError` for what is not a quantity. */
export function bytes(quantity: string | number): number {
  const [, amount, unit = ''] = /^([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  const factor = factors[unit];
  if (amount === undefined || factor === undefined) throw new RangeError(`${quantity} is not a quantity`);
  return Math.ceil(Number(amount) * factor);
}
