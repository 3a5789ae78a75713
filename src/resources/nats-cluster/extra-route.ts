import { ObjectName, Text } from '../schema/fields';
import { Check } from '../schema/rules';

/** A route to servers outside this cluster: exactly one of `route` and `cluster`. */
@Check<ExtraRoute>({
  cel: "(has(self.route) && self.route != '') != (has(self.cluster) && self.cluster != '')",
  holds: ({ route, cluster }) => !route !== !cluster,
  message: 'an extra route has exactly one of route (a URL) and cluster (the name of a NatsCluster)',
})
export class ExtraRoute {
  /** URL of a server's route port, such as nats-route://other:6222. On change: reload. */
  @Text({ max: 2048 }) route?: string;

  /** Name of another NatsCluster in the same namespace. On change: reload. */
  @ObjectName() cluster?: string;
}
