import { type StoredObject } from '../../../kubernetes/object';

export const topics = ['cluster', 'pods', 'nodes', 'objects', 'secrets'] as const;

/** The watches that an operator has; each has its own cache that may lag. */
export type Topic = (typeof topics)[number];

/** What is stored under a key from then on: undefined where it was deleted. */
type Change = readonly [key: string, object: StoredObject | undefined];

/** What an API server keeps: the newest state of all objects, and the history that watches replay. */
export class ApiLog {
  /** The number of changes so far, which is the resource version of the newest one. */
  version = 0;

  private readonly kept = Object.fromEntries(
    topics.map((topic) => [topic, { changes: [] as Change[], newest: new Map<string, StoredObject>() }]),
  ) as unknown as Record<Topic, { changes: Change[]; newest: Map<string, StoredObject> }>;

  get(topic: Topic, name: string): StoredObject | undefined {
    return this.kept[topic].newest.get(name);
  }

  all(topic: Topic): StoredObject[] {
    return [...this.kept[topic].newest.values()];
  }

  /** Stores an object with the next resource version. */
  put<T extends StoredObject>(topic: Topic, object: T, name = object.metadata.name): T {
    const resourceVersion = String(++this.version);
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion } };
    this.kept[topic].changes.push([name, stored]);
    this.kept[topic].newest.set(name, stored);
    return stored;
  }

  remove(topic: Topic, name: string): void {
    if (!this.kept[topic].newest.delete(name)) return;
    this.version++;
    this.kept[topic].changes.push([name, undefined]);
  }

  changes(topic: Topic): readonly Change[] {
    return this.kept[topic].changes;
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

  /** Replays up to `count` changes; returns how many there were. */
  catchUp(count = Infinity): number {
    const seen = this.log.changes(this.topic).slice(this.position, this.position + count);
    for (const [name, object] of seen) {
      if (object) this.objects.set(name, object);
      else this.objects.delete(name);
    }
    this.position += seen.length;
    return seen.length;
  }

  all(): StoredObject[] {
    return [...this.objects.values()];
  }
}
