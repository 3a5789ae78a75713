import { Gauge, type Registry } from 'prom-client';

/** What is measured of a NatsCluster. What does not apply, or is not known, is undefined. */
export interface ClusterFigures {
  /** Members that the spec asks for. */
  readonly size: number;
  readonly ready: number;
  /** When the first of its certificates ends, in seconds since 1970. */
  readonly certificateExpiry?: number;
  /** Of a cluster with JetStream. */
  readonly jetStream?: {
    readonly healthy?: boolean;
    readonly hasLeader?: boolean;
    readonly peersOffline?: number;
    readonly peersLagging?: number;
    readonly streamsWithoutQuorum?: number;
    readonly streamsLagging?: number;
  };
}

interface ClusterName {
  readonly namespace?: string;
  readonly name: string;
}

const labelNames = ['namespace', 'name'] as const;

/** One gauge for each figure, with a value for each cluster. */
export class ClusterMetrics {
  private readonly gauges: readonly [
    Gauge<(typeof labelNames)[number]>,
    (figures: ClusterFigures) => number | undefined,
  ][];

  constructor(registry: Registry) {
    const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers: [registry] });
    const flag = (value: boolean | undefined) => (value === undefined ? undefined : Number(value));
    this.gauges = [
      [gauge('nats_cluster_size', 'Members that the spec asks for'), ({ size }) => size],
      [gauge('nats_cluster_ready_members', 'Members that serve'), ({ ready }) => ready],
      [
        gauge('nats_cluster_certificate_expiry_timestamp_seconds', 'When the first of its certificates ends'),
        ({ certificateExpiry }) => certificateExpiry,
      ],
      [
        gauge('nats_cluster_jetstream_healthy', '1 while all servers, streams and consumers are current, else 0'),
        ({ jetStream }) => flag(jetStream?.healthy),
      ],
      [
        gauge('nats_cluster_jetstream_meta_leader', '1 while a server leads the meta group, else 0'),
        ({ jetStream }) => flag(jetStream?.hasLeader),
      ],
      [
        gauge(
          'nats_cluster_jetstream_peers_offline',
          'Servers of the meta group that its leader has not seen recently',
        ),
        ({ jetStream }) => jetStream?.peersOffline,
      ],
      [
        gauge('nats_cluster_jetstream_peers_lagging', 'Servers of the meta group that are seen and behind its leader'),
        ({ jetStream }) => jetStream?.peersLagging,
      ],
      [
        gauge('nats_cluster_jetstream_streams_without_quorum', 'Streams that nobody leads'),
        ({ jetStream }) => jetStream?.streamsWithoutQuorum,
      ],
      [
        gauge('nats_cluster_jetstream_streams_lagging', 'Streams with a leader and a replica that is not current'),
        ({ jetStream }) => jetStream?.streamsLagging,
      ],
    ];
  }

  /** Takes the figures of a cluster. What is not known any more is not told any more. */
  saw({ namespace = '', name }: ClusterName, figures: ClusterFigures): void {
    for (const [gauge, valueOf] of this.gauges) {
      const value = valueOf(figures);
      if (value === undefined) gauge.remove({ namespace, name });
      else gauge.set({ namespace, name }, value);
    }
  }

  /** Tells nothing more of a cluster that is gone. */
  forget({ namespace = '', name }: ClusterName): void {
    for (const [gauge] of this.gauges) gauge.remove({ namespace, name });
  }

  /** Tells nothing more of any cluster, as another replica does now. */
  forgetAll(): void {
    for (const [gauge] of this.gauges) gauge.reset();
  }
}
