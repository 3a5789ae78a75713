import { Labels, StringMap } from '../schema/maps';

/** What a service carries beyond what the operator needs. */
export class ServicePolicySpec {
  /** Labels of the service. Where the operator sets the same label, its own wins. On change: nothing restarts. */
  @Labels() labels?: Record<string, string>;

  /** Annotations of the service. On change: nothing restarts. */
  @StringMap({ max: 64 }) annotations?: Record<string, string>;
}
