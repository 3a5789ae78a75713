import { keyText, type Key, type NewObject } from '../../kubernetes/object';

/** An object by kind and name, in the namespace of a cluster. */
export type Named = Pick<NewObject, 'kind' | 'metadata'>;

/**
 * Names under which this process made an object, or found that it could not as the name is taken, and which caches did not
 * show since. Only these are asked for: of all others the API server tells when something is to be made. What is forgotten
 * with the process costs one write that is refused.
 */
export class NamesTried {
  private readonly clusters = new Map<string, Map<string, Named>>();

  of(cluster: Key): readonly Named[] {
    return [...(this.clusters.get(keyText(cluster))?.values() ?? [])];
  }

  add(cluster: Key, { kind, metadata }: Named): void {
    const key = keyText(cluster);
    const names = this.clusters.get(key) ?? new Map<string, Named>();
    this.clusters.set(key, names.set(`${kind} ${metadata.name}`, { kind, metadata }));
  }

  /** Forgets those of a cluster that `isKnown` says so of, or all. */
  forget(cluster: Key, isKnown: (named: Named) => boolean = () => true): void {
    const key = keyText(cluster);
    const names = this.clusters.get(key);
    if (!names) return;
    for (const [id, named] of names) if (isKnown(named)) names.delete(id);
    if (names.size === 0) this.clusters.delete(key);
  }
}
