import * as semver from 'semver';

/** First version of each JetStream API level (`JSApiLevel` in nats-server jetstream_versioning.go), newest first. */
const levels = [
  ['2.15.0', 5],
  ['2.14.0', 4],
  ['2.12.0', 2],
  ['2.11.0', 1],
] as const;

/** The API level of a server: it can keep streams that need no higher one. A version without a number knows all. */
export function apiLevelOf(version: string): number {
  const parsed = semver.parse(version, { loose: true });
  if (!parsed) return Infinity;
  const release = `${parsed.major}.${parsed.minor}.${parsed.patch}`;
  return levels.find(([first]) => semver.gte(release, first))?.[1] ?? 0;
}
