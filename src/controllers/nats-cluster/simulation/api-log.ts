import { type StoredObject } from '../plan/situation';

/** The watches that an operator has; each has its own cache that may lag. */
export type Topic = 'cluster' | 'pods' | 'nodes' | 'objects' | 'secrets';

interface Entry {
  readonly topic: Topic;
  readonly key: string;
  /** Undefined where the object was deleted. */
  readonly object?: StoredObject;
}

/** What an API server keeps: the newest state of all objects, and the history that watches replay. */
export class ApiLog {
  private readonly entries: Entry[] = [];
  private readonly newest = new Map<string, StoredObject>();

  /** The number of changes so far, which is the resource version of the newest one. */
  get version(): number {
    return this.entries.length;
  }

  get<T extends StoredObject>(topic: Topic, name: string): T | undefined {
    return this.newest.get(`${topic}/${name}`) as T | undefined;
  }

  all<T extends StoredObject>(topic: Topic): T[] {
    return [...this.newest].flatMap(([key, object]) => (key.startsWith(`${topic}/`) ? [object as T] : []));
  }

  /** Stores an object with the next resource version. */
  put<T extends StoredObject>(topic: Topic, object: T, name = object.metadata.name): T {
    const key = `${topic}/${name}`;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version + 1) } };
    this.entries.push({ topic, key, object: stored });
    this.newest.set(key, stored);
    return stored;
  }

  remove(topic: Topic, name: string): void {
    const key = `${topic}/${name}`;
    if (this.newest.delete(key)) this.entries.push({ topic, key });
  }

  entry(index: number): Entry | undefined {
    return this.entries[index];
  }
}

/** What an operator has seen of one topic: always a state that was true at some time, maybe not the newest. */
export class Cache {
  private position = 0;
  private readonly objects = new Map<string, StoredObject>();

  constructor(
    private readonly log: ApiLog,
    private readonly topic: Topic,
  ) {}

  /** Replays up to `count` changes of the topic; returns how many there were. */
  catchUp(count = Infinity): number {
    let seen = 0;
    for (; this.position < this.log.version && seen < count; this.position++) {
      const entry = this.log.entry(this.position);
      if (entry?.topic !== this.topic) continue;
      seen++;
      if (entry.object) this.objects.set(entry.key, entry.object);
      else this.objects.delete(entry.key);
    }
    return seen;
  }

  all<T extends StoredObject>(): T[] {
    return [...this.objects.values()] as T[];
  }
}
