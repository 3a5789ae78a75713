import { Seconds } from '../schema/fields';
import { Check } from '../schema/rules';

/** How a server says good-bye: it takes no new clients, then closes the old ones little by little. */
@Check<LameDuckSpec>({
  cel: 'self.gracePeriodSeconds < self.durationSeconds',
  holds: ({ gracePeriodSeconds, durationSeconds }) => gracePeriodSeconds < durationSeconds,
  message: 'gracePeriodSeconds must be below durationSeconds',
  field: 'gracePeriodSeconds',
})
export class LameDuckSpec {
  /** Time in which clients are closed, in seconds; the server takes no less than 30. On change: rolling restart. */
  @Seconds({ min: 30 }) durationSeconds = 120;

  /** Time before the first client is closed, in seconds. On change: rolling restart. */
  @Seconds() gracePeriodSeconds = 10;
}
