import { ObjectName, Text } from '../schema/fields';
import { ExactlyOneOf } from '../schema/combinations';

/** A route to servers outside this cluster: exactly one of `route` and `cluster`. */
@ExactlyOneOf('route', 'cluster')
export class ExtraRoute {
  /** URL of a server's route port, such as nats-route://other:6222. On change: reload. */
  @Text({ max: 2048 }) route?: string;

  /** Name of another NatsCluster in the same namespace. On change: reload. */
  @ObjectName() cluster?: string;
}
