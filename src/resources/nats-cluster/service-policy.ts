import { StringMap } from '../schema/fields';

/** What a service carries beyond what the operator needs. */
export class ServicePolicySpec {
  /** Labels of the service. `app` and `nats_*` are the operator's own and refused. On change: nothing restarts. */
  @StringMap({ max: 64 }) labels?: Record<string, string>;

  /** Annotations of the service. On change: nothing restarts. */
  @StringMap({ max: 64 }) annotations?: Record<string, string>;
}
