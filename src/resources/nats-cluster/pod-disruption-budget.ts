import { CountOrPercent, Flag } from '../schema/fields';
import { AtMostOneOf } from '../schema/combinations';

/** How many members a drain of nodes may take away at once: with JetStream never more than one, and none while a replica is not current. */
@AtMostOneOf('minAvailable', 'maxUnavailable')
export class PodDisruptionBudgetSpec {
  /** Keep a PodDisruptionBudget for the cluster. On change: nothing restarts. */
  @Flag() enabled = true;

  /** Members, or a share of them, that must stay; by default a quorum. On change: nothing restarts. */
  @CountOrPercent() minAvailable?: number | string;

  /** Members, or a share of them, that may be away. On change: nothing restarts. */
  @CountOrPercent() maxUnavailable?: number | string;
}
