import { type AuditedWrite } from '../../e2e/cluster/control-plane/audit';

/** Who held the lease from when on. */
export interface Term {
  /** Name of the replica; undefined where it was given away. */
  readonly holder?: string;
  /** Between these two moments it changed hands, in milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
}

/** What a replica may write without the lead: the lease itself, and the CRDs when it starts, which all replicas write alike. */
const free = new Set(['leases', 'customresourcedefinitions']);

/** Writes that need the lead, even those that the API server refused. */
export function ledWrites(writes: readonly AuditedWrite[], replicas: readonly string[]): AuditedWrite[] {
  return writes.filter(({ user, resource }) => replicas.includes(user) && !free.has(resource));
}

/** Changes of the lease's holder. An identity begins with the replica's name and an underscore. */
export function termsOf(writes: readonly AuditedWrite[], lease: string): Term[] {
  const terms: Term[] = [];
  for (const { resource, name, status, holder: identity, began, ended } of writes) {
    if (resource !== 'leases' || name !== lease || status >= 300) continue;
    const holder = identity?.split('_')[0];
    if (terms.length === 0 || terms.at(-1)?.holder !== holder) terms.push({ holder, began, ended });
  }
  return terms;
}

/**
 * Writes of replicas that did not surely hold the lease from their beginning to their end, as sentences. None means that
 * the lease changed hands between any two writers, and that the earlier one had written its last by then.
 */
export function trespasses(writes: readonly AuditedWrite[], replicas: readonly string[], lease: string): string[] {
  const terms = termsOf(writes, lease);
  return ledWrites(writes, replicas).flatMap(({ user, verb, resource, name, began, ended }) => {
    const what = `${user}: ${verb} ${resource} ${name ?? ''}, ${new Date(began).toISOString()},`;
    const index = terms.findLastIndex((term) => term.ended <= began);
    const term = terms[index];
    if (term?.holder !== user) return [`${what} while ${term?.holder ?? 'nobody'} held the lease`];
    const next = terms[index + 1];
    return next && next.began < ended ? [`${what} while ${next.holder ?? 'nobody'} was taking the lease`] : [];
  });
}
