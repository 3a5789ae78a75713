import { Count, Duration, Flag } from '../schema/fields';
import { AtMostOneOf } from '../schema/combinations';

/** Limits of the servers, as nats-operator 0.8 has them; a limit that is absent is the server's own default. */
@AtMostOneOf('write_deadline', 'writeDeadline')
export class NatsConfigSpec {
  /** The same as `logging.debug`: either is enough. On change: reload. */
  @Flag() debug?: boolean;

  /** The same as `logging.trace`: either is enough. On change: reload. */
  @Flag() trace?: boolean;

  /** Longest time a write to a client may take before the client is a slow consumer, such as 2s. On change: reload. */
  @Duration() write_deadline?: string;

  /** The same as `write_deadline`, as the samples of nats-operator 0.8 spell it. On change: reload. */
  @Duration() writeDeadline?: string;

  /** Most client connections of one server. On change: reload. */
  @Count() maxConnections?: number;

  /** Largest message in bytes; the server takes up to 64 MiB. On change: reload. */
  @Count({ max: 64 * 1024 * 1024 }) maxPayload?: number;

  /** Most bytes buffered for one client. On change: rolling restart. */
  @Count({ max: Number.MAX_SAFE_INTEGER }) maxPending?: number;

  /** Most subscriptions of one client connection; 0 is no limit. On change: rolling restart. */
  @Count() maxSubscriptions?: number;

  /** Longest protocol line in bytes, subjects included. On change: reload. */
  @Count() maxControlLine?: number;

  /** Log without timestamps. On change: reload. */
  @Flag() disableLogtime?: boolean;
}
