import { Count, Seconds } from '../schema/fields';

/** How members are restarted when a change needs it. */
export class UpdateStrategySpec {
  /** Most members that are down at once by the operator's doing; with JetStream never more than leave a quorum. On change: nothing restarts. */
  @Count({ min: 1, max: 100 }) maxUnavailable = 1;

  /** Pause after a member is healthy again before the next one goes, in seconds. On change: nothing restarts. */
  @Seconds() pauseBetweenMembersSeconds = 0;

  /** How long a restarted member may take to be healthy before the roll stops and says why, in seconds. On change: nothing restarts. */
  @Seconds({ min: 10 }) healthTimeoutSeconds = 600;
}
