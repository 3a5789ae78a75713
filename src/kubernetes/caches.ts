import { type ApiClient } from './api-client';
import { type Backoff } from './backoff';
import { CacheStore, type Cache, type Index } from './cache-store';
import { Informer } from './informer';
import { type StoredObject } from './object';
import { type ResourceKind } from './resource-kind';

export interface CacheRequest {
  readonly kind: ResourceKind;
  readonly labelSelector?: string;
  /** Holds only the metadata of the objects. */
  readonly metadataOnly?: boolean;
  readonly indexes?: Readonly<Record<string, Index>>;
  /** What of an object is kept: memory is what its readers need, and not what the object is. */
  readonly shape?: (object: StoredObject) => StoredObject;
}

/** All caches of the operator: one watch for each kind, selector and namespace, however many controllers read it. */
export class Caches {
  private readonly shared = new Map<string, { request: CacheRequest; store: CacheStore; informers: Informer[] }>();
  private running = false;

  /** Watches these namespaces, or the whole cluster where there are none. */
  constructor(
    private readonly client: ApiClient,
    private readonly namespaces: readonly string[],
    private readonly onTrouble: (what: string, error: unknown) => void,
    private readonly backoff?: Backoff,
  ) {}

  /** The cache of a collection. Ask before `run`. A second request for one must name the same indexes and shape. */
  of<T extends StoredObject>({ kind, labelSelector, metadataOnly, indexes, shape }: CacheRequest): Cache<T> {
    const id = `${kind.plural}.${kind.group} ${labelSelector ?? ''} ${metadataOnly ? 'metadata' : ''}`;
    const known = this.shared.get(id);
    if (known) return known.store as unknown as Cache<T>;
    if (this.running) throw new Error(`cache of ${id} asked for too late`);
    const onTrouble = (error: unknown) => {
      this.onTrouble(`watch ${kind.plural}`, error);
    };
    const store = new CacheStore(indexes, onTrouble);
    const scopes = kind.namespaced && this.namespaces.length > 0 ? this.namespaces : [undefined];
    const informers = scopes.map(
      (namespace) =>
        new Informer(this.client, store, {
          kind,
          namespace,
          labelSelector,
          metadataOnly,
          shape,
          onTrouble,
          backoff: this.backoff,
        }),
    );
    this.shared.set(id, { request: { kind, labelSelector, metadataOnly, indexes }, store, informers });
    return store as unknown as Cache<T>;
  }

  /** Number of objects in each cache, by plural. */
  sizes(): Map<string, number> {
    return new Map([...this.shared.values()].map(({ request, store }) => [request.kind.plural, store.size]));
  }

  /** Runs all informers until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    this.running = true;
    await Promise.all(this.informers().map((informer) => informer.run(signal)));
  }

  /** Resolves when every cache holds its first list. */
  async synced(): Promise<void> {
    await Promise.all(this.informers().map((informer) => informer.synced));
  }

  private informers(): Informer[] {
    return [...this.shared.values()].flatMap(({ informers }) => informers);
  }
}
