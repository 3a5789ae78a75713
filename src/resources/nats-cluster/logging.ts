import { Flag } from '../schema/fields';

/** What the servers log, on their standard error. */
export class LoggingSpec {
  /** Log debug messages. On change: reload. */
  @Flag() debug = false;

  /** Log each protocol message; costly under load, and payloads are in the log. On change: reload. */
  @Flag() trace = false;
}
