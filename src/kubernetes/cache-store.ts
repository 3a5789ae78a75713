import { isDeepStrictEqual } from 'node:util';
import { keyText, type Key, type StoredObject } from './object';

/** A change that reached a cache. */
export interface CacheEvent<T extends StoredObject = StoredObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
  /** What the cache had before. */
  readonly before?: T;
}

/** What controllers read: the newest known state of a collection. */
export interface Cache<T extends StoredObject = StoredObject> {
  get(key: Key): T | undefined;
  list(): T[];
  /** Objects whose index of that name (see `indexes`) has that value. */
  byIndex(index: string, value: string): T[];
  /** Told of each change after it is in the cache. What it throws ends nothing: it is reported and the rest goes on. */
  subscribe(listener: (event: CacheEvent<T>) => void): void;
}

/** Values that an object is found by. */
export type Index = (object: StoredObject) => readonly string[];

/** The index that every cache has: uid of each owner. */
export const byOwner = 'owner';

const ownerIndex: Index = ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? [];

/** Objects of one collection by key, with indexes. */
export class CacheStore<T extends StoredObject = StoredObject> implements Cache<T> {
  private readonly objects = new Map<string, T>();
  private readonly indexes = new Map<string, { of: Index; keys: Map<string, Set<string>> }>();
  private readonly listeners: ((event: CacheEvent<T>) => void)[] = [];

  constructor(
    indexes: Readonly<Record<string, Index>> = {},
    /** Told what listeners and indexes throw. */
    private readonly onTrouble: (error: unknown) => void = () => undefined,
  ) {
    for (const [name, of] of Object.entries({ ...indexes, [byOwner]: ownerIndex })) {
      this.indexes.set(name, { of, keys: new Map() });
    }
  }

  get size(): number {
    return this.objects.size;
  }

  get(key: Key): T | undefined {
    return this.objects.get(keyText(key));
  }

  list(): T[] {
    return [...this.objects.values()];
  }

  byIndex(index: string, value: string): T[] {
    const found = this.indexes.get(index);
    if (!found) throw new Error(`no index ${index}`);
    return [...(found.keys.get(value) ?? [])].flatMap((key) => this.objects.get(key) ?? []);
  }

  subscribe(listener: (event: CacheEvent<T>) => void): void {
    this.listeners.push(listener);
  }

  /** Takes in one change of a watch. */
  apply(type: CacheEvent['type'], object: T): void {
    const key = keyText(object.metadata);
    const before = this.objects.get(key);
    if (type === 'DELETED') {
      if (before) this.remove(key, before, object);
    } else {
      this.put(key, object, before);
    }
  }

  /** Takes in a whole list, of one namespace or of all; whatever it does not hold has been deleted meanwhile. */
  replace(objects: readonly T[], namespace?: string): void {
    const listed = new Set(objects.map(({ metadata }) => keyText(metadata)));
    for (const [key, object] of [...this.objects]) {
      if (namespace && object.metadata.namespace !== namespace) continue;
      if (!listed.has(key)) this.remove(key, object, object);
    }
    for (const object of objects) {
      const key = keyText(object.metadata);
      const before = this.objects.get(key);
      // versions are not enough: after a restore of etcd they go back, and come again with other content
      if (isDeepStrictEqual(before, object)) continue;
      this.put(key, object, before);
    }
  }

  private put(key: string, object: T, before: T | undefined): void {
    this.objects.set(key, object);
    this.reindex(key, before, object);
    this.tell(before ? { type: 'MODIFIED', object, before } : { type: 'ADDED', object });
  }

  private remove(key: string, before: T, object: T): void {
    this.objects.delete(key);
    this.reindex(key, before, undefined);
    this.tell({ type: 'DELETED', object, before });
  }

  private reindex(key: string, before: T | undefined, after: T | undefined): void {
    for (const { of, keys } of this.indexes.values()) {
      for (const value of before ? this.valuesOf(before, of) : []) {
        const found = keys.get(value);
        found?.delete(key);
        if (found?.size === 0) keys.delete(value);
      }
      for (const value of after ? this.valuesOf(after, of, this.onTrouble) : []) {
        const found = keys.get(value);
        if (found) found.add(key);
        else keys.set(value, new Set([key]));
      }
    }
  }

  /** None where the index throws: the object is kept, and found by its name. */
  private valuesOf(object: T, of: Index, onTrouble?: (error: unknown) => void): readonly string[] {
    try {
      return of(object);
    } catch (error) {
      onTrouble?.(error);
      return [];
    }
  }

  private tell(event: CacheEvent<T>): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        this.onTrouble(error);
      }
    }
  }
}
