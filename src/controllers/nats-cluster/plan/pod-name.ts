import { createHash } from 'node:crypto';

/**
 * Name of a member's next pod: `<cluster>-<10 lower-case letters or digits>`, random to the eye. It follows from what was
 * seen, so that the same decision taken twice, from an old cache or by another replica, meets "already exists" instead of
 * making a second pod; and it differs from the name of the pod before.
 */
export function podName(
  cluster: { readonly name: string; readonly uid: string },
  ordinal: number,
  before: { readonly pods: readonly string[]; readonly last: string | undefined },
): string {
  const seed = JSON.stringify([cluster.uid, ordinal, before.last, [...before.pods].sort()]);
  const digest = createHash('sha256').update(seed).digest('hex');
  return `${cluster.name}-${BigInt(`0x${digest}`).toString(36).slice(-10)}`;
}
