import { type IncomingMessage } from 'node:http';
import { ApiError } from './api-error';
import { Calls, failure, trimmed, type CallOptions, type ClientOptions } from './calls';
import { type Connection } from './connection';
import { LineSplitter } from './line-splitter';
import { type Key, type NewObject, type StoredObject } from './object';
import { apiVersionOf, collectionPath, objectPath, type ResourceKind } from './resource-kind';

/** Under this name the API server knows which fields of an object are ours (server-side apply). */
export const fieldManager = 'nats-operator';

/** A version that no object has, as etcd is at revision 1 when it is empty: a write with it meets no object, or a conflict. */
const neverStored = '1';

/** Exactly the object that was judged: the API server refuses the write if it is another one, or has changed since. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Which objects of a collection are meant, and how much of them. */
export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** Only `apiVersion`, `kind` and `metadata`: for objects whose content is large, or not to be held in memory. */
  readonly metadataOnly?: boolean;
}

interface Page {
  /** Token of the page, from the one before. */
  readonly next?: string;
  readonly limit?: number;
}

export interface ListPage {
  readonly items: StoredObject[];
  readonly resourceVersion: string;
  /** Token of the next page. */
  readonly next?: string;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: StoredObject;
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  /** After which the API server ends the watch. */
  readonly timeoutSeconds: number;
  /** A watch that says nothing for so long, not even a bookmark, is given up. */
  readonly silentSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * What can be asked of the API server. Answers are raw JSON without `managedFields`; how calls fail and are tried again, `Calls`
 * tells.
 */
export class ApiClient {
  private readonly calls: Calls;

  constructor(
    private readonly connection: Connection,
    private readonly options: ClientOptions = {},
  ) {
    this.calls = new Calls(connection, options);
  }

  /** The same client with other options: for the leader election, which writes while nobody else may. */
  with(options: ClientOptions): ApiClient {
    return new ApiClient(this.connection, { ...this.options, ...options });
  }

  /** Ends all calls; waits between them should end with it. */
  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  /** Throws where this process may not write: for what it changes elsewhere than at the API server. */
  readonly assertMayWrite = (): void => {
    this.calls.assertMayWrite();
  };

  /** An object as it is now, not from a cache; undefined where there is none. */
  async get<T extends StoredObject>(kind: ResourceKind, key: Key): Promise<T | undefined> {
    try {
      return (await this.calls.send('GET', objectPath(kind, key), { named: named('get', kind, key) })) as T;
    } catch (error) {
      if (error instanceof ApiError && error.notFound) return undefined;
      throw error;
    }
  }

  /** One page of a collection as it is now; at most 500 objects, or `limit`. */
  async listPage(
    kind: ResourceKind,
    { namespace, labelSelector, metadataOnly, next, limit = 500 }: Selection & Page = {},
  ): Promise<ListPage> {
    const query = new URLSearchParams({ limit: String(limit) });
    if (labelSelector) query.set('labelSelector', labelSelector);
    if (next) query.set('continue', next);
    const path = `${collectionPath(kind, namespace)}?${query.toString()}`;
    const headers = metadataOnly ? metadataOf('PartialObjectMetadataList') : undefined;
    const answer = (await this.calls.send('GET', path, { named: `list ${kind.plural}`, headers })) as {
      items: StoredObject[] | null; // null is how an empty list of metadata comes
      metadata: { resourceVersion: string; continue?: string };
    };
    // items of a list carry neither, and everything else relies on them
    const items = (answer.items ?? []).map((item) =>
      trimmed({ ...item, apiVersion: apiVersionOf(kind), kind: kind.kind }),
    );
    return { items, resourceVersion: answer.metadata.resourceVersion, next: answer.metadata.continue };
  }

  /** All objects of a collection as they are now. */
  async list<T extends StoredObject>(kind: ResourceKind, options: Selection = {}): Promise<T[]> {
    const all: StoredObject[] = [];
    let next: string | undefined;
    do {
      const page = await this.listPage(kind, { ...options, next });
      all.push(...page.items);
      next = page.next;
    } while (next);
    return all as T[];
  }

  /** Whether the API server knows a kind of a named group. Unlike its objects and its CRD, every user may see that. */
  async serves({ group, version, plural }: Pick<ResourceKind, 'group' | 'version' | 'plural'>): Promise<boolean> {
    try {
      const answer = await this.calls.send('GET', `/apis/${group}/${version}`, {
        named: `discover ${group}/${version}`,
      });
      return (answer as { resources: { name: string }[] }).resources.some(({ name }) => name === plural);
    } catch (error) {
      if (error instanceof ApiError && error.notFound) return false;
      throw error;
    }
  }

  /** Makes an object. Fails with a conflict where the name is taken. */
  create(kind: ResourceKind, object: NewObject): Promise<StoredObject> {
    const path = `${collectionPath(kind, object.metadata.namespace)}?fieldManager=${fieldManager}`;
    return this.write('POST', path, { named: named('create', kind, object.metadata), body: object });
  }

  /** Has something made of an object, such as a token of a ServiceAccount, and returns what the API server made. */
  createFrom(kind: ResourceKind, key: Key, subresource: string, request: object): Promise<object> {
    const call = named(`create ${subresource} of`, kind, key);
    return this.write('POST', objectPath(kind, key, subresource), { named: call, body: request });
  }

  /**
   * Makes or changes an object so that it has what `object` says (server-side apply, KEP-555). Fields that others set and
   * `object` does not name stay; of those that both name, ours win.
   */
  apply(kind: ResourceKind, object: NewObject, subresource?: 'status'): Promise<StoredObject> {
    const path = `${objectPath(kind, object.metadata, subresource)}?fieldManager=${fieldManager}&force=true`;
    const type = 'application/apply-patch+yaml';
    return this.write('PATCH', path, { named: named('apply', kind, object.metadata), body: object, type });
  }

  /** As `apply`, for an object that is not there: fails with a conflict where the name is taken, whoever has it. */
  applyNew(kind: ResourceKind, object: NewObject): Promise<StoredObject> {
    return this.apply(kind, { ...object, metadata: { ...object.metadata, resourceVersion: neverStored } });
  }

  /** Replaces an object. With a `resourceVersion` in its metadata it fails with a conflict where somebody wrote since. */
  replace(kind: ResourceKind, object: NewObject, subresource?: 'status'): Promise<StoredObject> {
    const path = `${objectPath(kind, object.metadata, subresource)}?fieldManager=${fieldManager}`;
    return this.write('PUT', path, { named: named('update', kind, object.metadata), body: object });
  }

  /** Changes single fields (JSON merge patch, RFC 7386: null removes). Fails with a conflict where the preconditions do not hold. */
  mergePatch(
    kind: ResourceKind,
    key: Key,
    patch: { readonly metadata?: object } & Readonly<Record<string, unknown>>,
    preconditions: Preconditions = {},
    subresource?: 'status',
  ): Promise<StoredObject> {
    const path = `${objectPath(kind, key, subresource)}?fieldManager=${fieldManager}`;
    const body = { ...patch, metadata: { ...patch.metadata, ...preconditions } };
    const type = 'application/merge-patch+json';
    return this.write('PATCH', path, { named: named('patch', kind, key), body, type });
  }

  /**
   * Deletes an object; one that is gone already is fine. Fails with a conflict where the preconditions do not hold.
   * Without `graceSeconds` a pod has the time that it asks for.
   */
  async delete(
    kind: ResourceKind,
    key: Key,
    preconditions: Preconditions,
    { graceSeconds }: { readonly graceSeconds?: number } = {},
  ): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions,
      propagationPolicy: 'Background',
      ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
    };
    try {
      await this.write('DELETE', objectPath(kind, key), { named: named('delete', kind, key), body });
    } catch (error) {
      if (!(error instanceof ApiError && error.notFound)) throw error;
    }
  }

  /**
   * Tells of changes after `resourceVersion`, until the API server ends the watch. Throws an `ApiError` where the watch
   * fails, breaks off, falls silent or the API server reports an error in it.
   */
  async watch(kind: ResourceKind, options: WatchOptions, onEvent: (event: WatchEvent) => void): Promise<void> {
    const { namespace, labelSelector, metadataOnly, resourceVersion, silentSeconds, signal } = options;
    const query = new URLSearchParams({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion,
      timeoutSeconds: String(options.timeoutSeconds),
    });
    if (labelSelector) query.set('labelSelector', labelSelector);
    const path = `${collectionPath(kind, namespace)}?${query.toString()}`;
    const call = `watch ${kind.plural}`;
    // counted from the request on: a server that takes it and never answers is silent too
    const silent = new AbortController();
    const silence = setTimeout(() => {
      silent.abort(new Error(`silent for ${silentSeconds} s`));
    }, silentSeconds * 1000);
    const ended = AbortSignal.any([signal, silent.signal, ...(this.options.signal ? [this.options.signal] : [])]);
    const headers = metadataOnly ? metadataOf('PartialObjectMetadata') : undefined;
    let answer: IncomingMessage | undefined;
    try {
      answer = await this.calls.open('GET', path, call, { headers, signal: ended, stream: true });
      if (answer.statusCode !== 200) throw await failure(call, answer);
      const lines = new LineSplitter();
      for await (const piece of answer) {
        silence.refresh();
        for (const line of lines.push(piece as Buffer)) onEvent(parseEvent(call, kind, line));
      }
    } catch (error) {
      if (silent.signal.aborted) throw ApiError.fromNetwork(call, silent.signal.reason);
      throw error instanceof ApiError ? error : ApiError.fromNetwork(call, error);
    } finally {
      clearTimeout(silence);
      answer?.destroy();
    }
  }

  private write(method: string, path: string, request: CallOptions): Promise<StoredObject> {
    return this.calls.write(method, path, request) as Promise<StoredObject>;
  }
}

function named(verb: string, { kind }: ResourceKind, { namespace, name }: Key): string {
  return `${verb} ${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables and below: metadata only. */
function metadataOf(as: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): Record<string, string> {
  return { accept: `application/json;as=${as};g=meta.k8s.io;v=v1` };
}

function parseEvent(call: string, kind: ResourceKind, line: string): WatchEvent {
  const event = JSON.parse(line) as WatchEvent;
  if (event.type === 'ERROR') {
    const status = event.object as unknown as { code?: number };
    throw ApiError.fromAnswer(call, status.code ?? 500, JSON.stringify(status));
  }
  // metadata alone comes under a kind of its own
  const object = { ...event.object, apiVersion: apiVersionOf(kind), kind: kind.kind };
  return { type: event.type, object: trimmed(object) };
}
