/**
 * Times of the leader election in seconds, as Kubernetes' own components have them; but a replica that waits looks more often than
 * a leader renews, as what it waits for may have been given away.
 */
export const leaseTimes = { duration: 15, renewDeadline: 10, retryPeriod: 2, waitPeriod: 1 } as const;

/** `spec` of a coordination.k8s.io/v1 Lease. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** What this process saw of the lease, by its own clock: clocks of other machines are never compared with it. */
export interface Observation {
  /** The record as text, to notice any change. */
  readonly record: string;
  /** When it was first seen so, in milliseconds of a monotonic clock. */
  readonly since: number;
}

/** What was seen, after seeing `spec` now. A record that did not change keeps its time. */
export function observe(before: Observation | undefined, spec: LeaseSpec, now: number): Observation {
  const record = JSON.stringify([spec.holderIdentity, spec.renewTime, spec.acquireTime, spec.leaseTransitions]);
  return before?.record === record ? before : { record, since: now };
}

/**
 * Whether `identity` may take the lease: nobody holds it, it holds it itself, or the holder has not renewed it for as long
 * as it said, by our own clock (client-go tools/leaderelection).
 */
export function mayTake(spec: LeaseSpec, seen: Observation, identity: string, now: number): boolean {
  if (!spec.holderIdentity || spec.holderIdentity === identity) return true;
  return now >= seen.since + (spec.leaseDurationSeconds ?? leaseTimes.duration) * 1000;
}

/** The lease as `identity` takes or renews it at `time`. */
export function held(spec: LeaseSpec, identity: string, time: Date): LeaseSpec {
  const own = spec.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: leaseTimes.duration,
    acquireTime: own ? spec.acquireTime : microTime(time),
    renewTime: microTime(time),
    leaseTransitions: own ? spec.leaseTransitions : (spec.leaseTransitions ?? 0) + 1,
  };
}

/** The lease as `identity` gives it away: the next one need not wait. */
export function released(spec: LeaseSpec, time: Date): LeaseSpec {
  return { leaseDurationSeconds: 1, renewTime: microTime(time), leaseTransitions: spec.leaseTransitions };
}

// metav1.MicroTime
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
