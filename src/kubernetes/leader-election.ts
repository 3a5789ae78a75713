import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient } from './api-client';
import { Fenced } from './calls';
import { asApiError } from './api-error';
import { held, leaseTimes, mayTake, observe, released, type LeaseSpec, type Observation } from './lease';
import { type Key, type StoredObject } from './object';
import { kinds } from './resource-kind';

export interface LeaderElectionOptions {
  /** The Lease. */
  readonly lease: Key & { readonly namespace: string };
  /** Unique among all replicas. */
  readonly identity: string;
  readonly onTrouble?: (error: unknown) => void;
}

/** An attempt that takes longer is given up and made again. */
const attemptSeconds = 5;

const leaseType = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const;

type StoredLease = StoredObject & { readonly spec?: LeaseSpec };

/**
 * One replica works, the others wait: a Lease of 15 s that the leader renews every 2 s, and at which the others look each
 * second. A leader that could not renew for 10 s stops before another may start; `fence` holds back each single write from
 * then on, by a clock that also runs while the process is stopped.
 */
export class LeaderElection {
  private seen?: Observation;
  /** Until when we surely lead, in milliseconds of the monotonic clock. */
  private until = Number.NEGATIVE_INFINITY;
  /** The attempt that runs, or the last one. */
  private attempted: Promise<boolean> = Promise.resolve(false);
  private isOver = false;

  constructor(
    private readonly client: ApiClient,
    private readonly options: LeaderElectionOptions,
  ) {}

  /** Whether this process surely leads now. */
  get leads(): boolean {
    return !this.isOver && performance.now() < this.until;
  }

  /** Throws where this process does not surely lead. To be called right before each write. */
  readonly fence = (): void => {
    if (!this.leads) throw new Fenced('this replica does not lead any more: nothing was written');
  };

  /** Resolves when this process leads, or when the signal says stop. */
  async acquire(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !(await this.attempt())) await this.pause(signal, leaseTimes.waitPeriod);
  }

  /** Keeps the lease until the signal; resolves earlier when it is lost. */
  async hold(signal: AbortSignal): Promise<void> {
    while (this.leads) {
      await this.pause(signal, leaseTimes.retryPeriod, this.leftMs);
      if (signal.aborted) return;
      // an API server that does not answer must not keep us from noticing that time is up; once it is up, an attempt could
      // only take the lease for a process that ends
      if (this.leftMs > 0) await Promise.race([this.attempt(), this.expiry(signal)]);
    }
  }

  /** Gives the lease away where it is ours, so that another replica can take it at once. It is never taken again. */
  async release(): Promise<void> {
    this.isOver = true;
    await this.attempted; // it may have begun before, and would take the lease back
    const { lease: key, identity } = this.options;
    const client = this.patient();
    try {
      // asked, not remembered: the answer to an attempt may be what got lost
      const lease = await client.get<StoredLease>(kinds.lease, key);
      if (lease?.spec?.holderIdentity !== identity) return;
      await write(client, { ...lease, spec: released(lease.spec, new Date()) });
    } catch (error) {
      this.options.onTrouble?.(error);
    }
  }

  private attempt(): Promise<boolean> {
    this.attempted = this.isOver ? Promise.resolve(false) : this.take();
    return this.attempted;
  }

  /** Takes or renews the lease where that may be; whether it is ours now. */
  private async take(): Promise<boolean> {
    // counted from before the call: nobody can tell when in between the API server wrote it
    const began = performance.now();
    const client = this.patient();
    try {
      const { lease: key, identity } = this.options;
      const lease = (await client.get<StoredLease>(kinds.lease, key)) ?? (await this.create(client));
      const spec = lease.spec ?? {};
      this.seen = observe(this.seen, spec, began);
      if (!mayTake(spec, this.seen, identity, began)) {
        this.until = Number.NEGATIVE_INFINITY; // it is somebody else's, whatever we thought
        return false;
      }
      await write(client, { ...lease, spec: held(spec, identity, new Date()) });
      this.until = began + leaseTimes.renewDeadline * 1000;
      return true;
    } catch (error) {
      // a conflict: another replica was faster
      if (!asApiError(error)?.conflict) this.options.onTrouble?.(error);
      return false;
    }
  }

  private create(client: ApiClient): Promise<StoredLease> {
    const { namespace, name } = this.options.lease;
    return client.create(kinds.lease, { ...leaseType, metadata: { namespace, name } });
  }

  /** The client, with less patience than a lease lasts. */
  private patient(): ApiClient {
    return this.client.with({ signal: AbortSignal.timeout(attemptSeconds * 1000) });
  }

  private get leftMs(): number {
    return Math.max(0, this.until - performance.now());
  }

  private async expiry(signal: AbortSignal): Promise<void> {
    await sleep(this.leftMs, undefined, { signal, ref: false }).catch(() => undefined);
  }

  private async pause(signal: AbortSignal, seconds: number, atMostMs = Infinity): Promise<void> {
    const jitter = 1 + 0.2 * Math.random();
    const ms = Math.min(seconds * jitter * 1000, atMostMs);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}

function write(client: ApiClient, lease: StoredLease): Promise<StoredLease> {
  return client.replace(kinds.lease, { ...lease, ...leaseType });
}
