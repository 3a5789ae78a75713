import { Seconds } from '../schema/fields';
import { Labels } from '../schema/maps';
import { Section } from '../schema/sections';

/** A PodMonitor of the Prometheus operator, for the exporter of each pod. Needs `pod.enableMetrics` and its CRD. */
export class PodMonitorSpec {
  /** Labels of the PodMonitor, by which a Prometheus selects it. On change: nothing restarts. */
  @Labels() labels?: Record<string, string>;

  /** Time between two scrapes in seconds. On change: nothing restarts. */
  @Seconds({ min: 1 }) intervalSeconds = 30;
}

/** How the cluster is watched. The servers always serve monitoring on port 8222. */
export class MonitoringSpec {
  /** Make a PodMonitor. On change: nothing restarts. */
  @Section() podMonitor?: PodMonitorSpec;
}
