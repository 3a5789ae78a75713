import { CountOrPercent, Flag } from '../schema/fields';
import { Check } from '../schema/rules';

/** How many members a drain of nodes may take away at once. */
@Check<PodDisruptionBudgetSpec>({
  cel: '!(has(self.minAvailable) && has(self.maxUnavailable))',
  holds: ({ minAvailable, maxUnavailable }) => minAvailable === undefined || maxUnavailable === undefined,
  message: 'set minAvailable or maxUnavailable, not both',
  field: 'maxUnavailable',
})
export class PodDisruptionBudgetSpec {
  /** Keep a PodDisruptionBudget for the cluster. On change: nothing restarts. */
  @Flag() enabled = true;

  /** Members, or a share of them, that must stay; by default a quorum. On change: nothing restarts. */
  @CountOrPercent() minAvailable?: number | string;

  /** Members, or a share of them, that may be away. On change: nothing restarts. */
  @CountOrPercent() maxUnavailable?: number | string;
}
