/**
 * Whether `live` has all that `wanted` says. What the API server filled in and what others added does not count, as
 * server-side apply would leave it alone too, except under `selector` and `ingress`, which are replaced as a whole.
 */
export function covers(live: unknown, wanted: unknown): boolean {
  if (live === wanted) return true;
  if (Array.isArray(wanted)) {
    const items: unknown[] = Array.isArray(live) ? live : [];
    return wanted.every((item) => items.some((other) => covers(other, item)));
  }
  if (!isRecord(wanted)) return false;
  if (!isRecord(live)) return Object.keys(wanted).length === 0;
  return Object.entries(wanted).every(([key, value]) => {
    if (value === undefined) return true;
    return covers(live[key], value) && (!whole.has(key) || isNoMore(live[key], value));
  });
}

const whole: ReadonlySet<string> = new Set(['selector', 'ingress']);

/** Whether what covers a value has nothing beyond it. An empty rule or peer, which means everyone, is covered by any other: so they are counted. */
function isNoMore(live: unknown, wanted: unknown): boolean {
  return covers(wanted, live) && itemsIn(live) === itemsIn(wanted);
}

/** Number of items of all lists in it. */
function itemsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? value.length : 0;
  return Object.values(value).reduce<number>((sum, part) => sum + itemsIn(part), own);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
