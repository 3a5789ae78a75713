const whole: ReadonlySet<string> = new Set(['selector', 'ingress']);

/**
 * Whether `live` has all that `wanted` says. What the API server filled in and what others added does not count, as
 * server-side apply would leave it alone too, except under `selector` and `ingress`, which are replaced as a whole.
 */
export function covers(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    const items: unknown[] = Array.isArray(live) ? live : [];
    return wanted.every((item) => items.some((other) => covers(other, item)));
  }
  if (!isRecord(wanted)) return live === wanted;
  if (!isRecord(live)) return Object.keys(wanted).length === 0;
  return Object.entries(wanted).every(([key, value]) => {
    if (value === undefined) return true;
    return covers(live[key], value) && (!whole.has(key) || covers(value, live[key]));
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
