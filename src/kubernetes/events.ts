import { createHash } from 'node:crypto';
import { type ApiClient } from './api-client';
import { asApiError } from './api-error';
import { type StoredObject } from './object';
import { kinds } from './resource-kind';

/** What happened, for people: `kubectl describe` shows it. Never holds a secret. */
export interface Happening {
  readonly type: 'Normal' | 'Warning';
  /** One word in UpperCamelCase. */
  readonly reason: string;
  readonly message: string;
}

/** What is recorded while so many are waiting is lost: they are for people, who read less. */
const mostWaiting = 10_000;

type StoredEvent = StoredObject & { readonly count?: number };

/**
 * Writes Kubernetes Events. The same happening again raises the count of the first, even after a restart: its name is made
 * from what it says. Events are best effort: an error is reported to `onTrouble` and never stops the work that it tells of.
 */
export class Events {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly client: ApiClient,
    /** Name of this replica. */
    private readonly instance: string,
    private readonly onTrouble: (error: unknown) => void = () => undefined,
    private readonly now = () => new Date(),
  ) {}

  /** Records a happening about an object, after those before it: one at a time, so that work with more to write goes first. */
  record(about: StoredObject, happening: Happening): void {
    if (this.waiting >= mostWaiting) return;
    this.waiting++;
    this.last = this.last
      .then(() => this.write(about, happening))
      .catch(this.onTrouble)
      .finally(() => this.waiting--);
  }

  private async write(
    { apiVersion, kind, metadata }: StoredObject,
    { type, reason, message }: Happening,
  ): Promise<void> {
    const { name, uid, resourceVersion, namespace = 'default' } = metadata;
    const hash = createHash('sha256')
      .update(JSON.stringify([uid, type, reason, message]))
      .digest('hex')
      .slice(0, 16);
    const time = this.now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
    const key = { namespace, name: `${name.slice(0, 200)}.${hash}` };
    try {
      await this.client.create(kinds.event, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: key,
        involvedObject: { apiVersion, kind, name, namespace: metadata.namespace, uid, resourceVersion },
        type,
        reason,
        message: message.slice(0, 1024), // the API server takes no more
        count: 1,
        firstTimestamp: time,
        lastTimestamp: time,
        source: { component: 'nats-operator' },
        reportingComponent: 'nats-operator',
        reportingInstance: this.instance,
      } as Parameters<ApiClient['create']>[1]);
    } catch (error) {
      if (!asApiError(error)?.conflict) throw error;
      const event = await this.client.get<StoredEvent>(kinds.event, key);
      // gone between the two calls: it was an hour old, and what it said is on record
      if (event) await this.client.mergePatch(kinds.event, key, { count: (event.count ?? 1) + 1, lastTimestamp: time });
    }
  }
}
