/** How many requests an API server has answered, by `VERB resource`, from its metrics (`GET /metrics`). */
export function requestCounts(metrics: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, labels = '', count] of metrics.matchAll(/^apiserver_request_total\{(.*)\} (.+)$/gm)) {
    const label = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const subresource = label('subresource');
    const what = `${label('verb')} ${label('resource')}${subresource && `/${subresource}`}`;
    counts.set(what, (counts.get(what) ?? 0) + Number(count));
  }
  return counts;
}

/** What came on top of the first counts until the second. */
export function increase(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): [string, number][] {
  return [...after].flatMap(([what, count]): [string, number][] => {
    const more = count - (before.get(what) ?? 0);
    return more > 0 ? [[what, more]] : [];
  });
}

/** Whether `VERB resource` changes something. */
export function isWrite(what: string): boolean {
  return !/^(GET|LIST|WATCH|CONNECT) /.test(what);
}
