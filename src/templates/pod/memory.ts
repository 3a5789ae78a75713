const units: Readonly<Record<string, number>> = {
  ...{ k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18, m: 1e-3 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/**
 * GOMEMLIMIT for a container with that memory limit: nine tenths of it, so that Go collects garbage before the kernel kills
 * the server. Undefined for a limit that is none.
 */
export function goMemoryLimit(quantity: string | number | undefined): string | undefined {
  const bytes = memoryBytes(quantity);
  return bytes === undefined ? undefined : `${Math.floor(bytes * 0.9)}B`;
}

/** Bytes of a memory limit, in any spelling that Kubernetes takes; undefined for a limit that is none. */
export function memoryBytes(quantity: string | number | undefined): number | undefined {
  const match = /^(?<number>[0-9.]+(?:e[0-9]+)?)(?<unit>[A-Za-z]{0,2})$/.exec(String(quantity ?? ''));
  if (!match?.groups) return undefined;
  const { number = '', unit = '' } = match.groups;
  const bytes = Number(number) * (unit === '' ? 1 : (units[unit] ?? Number.NaN));
  return bytes > 0 ? bytes : undefined;
}
