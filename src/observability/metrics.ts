import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type QueueObserver } from '../kubernetes/work-queue';
import { ClusterMetrics } from './cluster-metrics';

/** Seconds, as controller-runtime and client-go have them. */
const reconcileBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const queueBuckets = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];

/** Prometheus metrics, under the names of controller-runtime, so that existing dashboards work. */
export class Metrics {
  readonly registry = new Registry();
  readonly clusters = new ClusterMetrics(this.registry);
  private readonly reconciles = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciles by controller and result',
    labelNames: ['controller', 'result'],
    registers: [this.registry],
  });
  private readonly reconcileErrors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Reconciles that failed',
    labelNames: ['controller'],
    registers: [this.registry],
  });
  private readonly reconcileTime = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Time that a reconcile takes',
    labelNames: ['controller'],
    buckets: reconcileBuckets,
    registers: [this.registry],
  });
  private readonly queueDepth = new Gauge({
    name: 'workqueue_depth',
    help: 'Keys that wait for a worker',
    labelNames: ['name'],
    registers: [this.registry],
  });
  private readonly queueAdds = new Counter({
    name: 'workqueue_adds_total',
    help: 'Keys that were added',
    labelNames: ['name'],
    registers: [this.registry],
  });
  private readonly queueRetries = new Counter({
    name: 'workqueue_retries_total',
    help: 'Keys that were added again after a failure',
    labelNames: ['name'],
    registers: [this.registry],
  });
  private readonly queueTime = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'Time that a key waits for a worker',
    labelNames: ['name'],
    buckets: queueBuckets,
    registers: [this.registry],
  });
  private readonly workTime = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'Time that a key is worked on',
    labelNames: ['name'],
    buckets: queueBuckets,
    registers: [this.registry],
  });
  private readonly maxWorkers = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Most keys that are worked on at once',
    labelNames: ['controller'],
    registers: [this.registry],
  });
  /** For each controller, how many seconds each key in work has been worked on. */
  private readonly inWork = new Map<string, () => readonly number[]>();
  private readonly requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Calls to the API server by method and HTTP status',
    labelNames: ['method', 'code'],
    registers: [this.registry],
  });
  private readonly leading = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this replica leads',
    labelNames: ['name'],
    registers: [this.registry],
  });
  private readonly rejections = new Counter({
    name: 'nats_operator_unhandled_rejections_total',
    help: 'Errors that nobody caught: each ends the process',
    registers: [this.registry],
  });

  constructor() {
    this.addGaugeOfWork('controller_runtime_active_workers', 'Keys in work', 'controller', ({ length }) => length);
    const sum = (seconds: readonly number[]) => seconds.reduce((total, each) => total + each, 0);
    this.addGaugeOfWork('workqueue_unfinished_work_seconds', 'Time that keys in work took so far', 'name', sum);
    const longest = (seconds: readonly number[]) => Math.max(0, ...seconds);
    this.addGaugeOfWork('workqueue_longest_running_processor_seconds', 'Longest of these times', 'name', longest);
    // by default it wakes the process a hundred times a second, which is most of what an idle operator does
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 100 });
  }

  reconciled(controller: string, result: 'success' | 'requeue_after' | 'error', seconds: number): void {
    this.reconciles.inc({ controller, result });
    if (result === 'error') this.reconcileErrors.inc({ controller });
    this.reconcileTime.observe({ controller }, seconds);
  }

  /** Observes the queue of a controller. */
  queue(name: string): QueueObserver {
    return {
      added: (depth) => {
        this.queueAdds.inc({ name });
        this.queueDepth.set({ name }, depth);
      },
      taken: (waited, depth) => {
        this.queueTime.observe({ name }, waited);
        this.queueDepth.set({ name }, depth);
      },
      retried: () => {
        this.queueRetries.inc({ name });
      },
    };
  }

  /** Observes the workers of a controller; `inWork` tells for how many seconds each key in work has been worked on. */
  workers(name: string, count: number, inWork: () => readonly number[]): void {
    this.maxWorkers.set({ controller: name }, count);
    this.inWork.set(name, inWork);
  }

  /** Observes the end of the work on a key. */
  worked(name: string, seconds: number): void {
    this.workTime.observe({ name }, seconds);
  }

  private addGaugeOfWork(
    name: string,
    help: string,
    label: 'name' | 'controller',
    value: (seconds: readonly number[]) => number,
  ): void {
    const { inWork, registry } = this;
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        for (const [controller, seconds] of inWork) this.set({ [label]: controller }, value(seconds()));
      },
    });
  }

  /** Counts an answer of the API server. */
  readonly answered = (method: string, code: string): void => {
    this.requests.inc({ method, code });
  };

  leads(name: string, leads: boolean): void {
    this.leading.set({ name }, leads ? 1 : 0);
    if (!leads) this.clusters.forgetAll();
  }

  unhandledRejection(): void {
    this.rejections.inc();
  }
}
