import { Seconds, Section, StringMap } from '../schema/fields';

/** A PodMonitor of the Prometheus operator, for the exporter of each pod. Needs `pod.enableMetrics` and its CRD. */
export class PodMonitorSpec {
  /** Labels of the PodMonitor, by which a Prometheus selects it. On change: nothing restarts. */
  @StringMap({ max: 64 }) labels?: Record<string, string>;

  /** Time between two scrapes in seconds. On change: nothing restarts. */
  @Seconds({ min: 1 }) intervalSeconds = 30;
}

/** How the cluster is watched. The servers always serve monitoring on port 8222. */
export class MonitoringSpec {
  /** Make a PodMonitor. On change: nothing restarts. */
  @Section() podMonitor?: PodMonitorSpec;
}
