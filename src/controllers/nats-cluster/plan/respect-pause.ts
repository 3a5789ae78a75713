import { requestAnnotations, requestsOf } from '../../../resources/nats-cluster/requests';
import { waiting, type Step } from './step';
import { type View } from './survey';

/** A paused cluster is left alone. */
export function respectPause({ wanted, cluster }: View): readonly Step[] {
  if (!wanted?.paused) return [];
  const { paused } = requestsOf(cluster.metadata);
  const what = paused ? `annotation ${requestAnnotations.paused}` : 'spec.paused';
  return [waiting('Paused', `${what} is true: nothing is created, changed or deleted until it is false`)];
}
