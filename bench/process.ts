import { type OperatorProcess } from '../src/testing/operator-process';

/** What a process has used until now, from its own metrics. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentMiB: number;
  readonly heapMiB: number;
  /** Calls to the API server by HTTP method. */
  readonly calls: ReadonlyMap<string, number>;
  readonly reconciles: number;
  readonly reconcileErrors: number;
  /** Keys that wait for a worker. */
  readonly queued: number;
  readonly openHandles: number;
}

/** Reads the metrics of an operator. */
export async function usageOf(operator: OperatorProcess): Promise<Usage> {
  const text = await operator.metrics();
  const sum = (name: string, label = '') => {
    const lines = text.matchAll(new RegExp(`^${name}(?:\\{([^}]*)\\})? (.+)$`, 'gm'));
    return [...lines]
      .filter(([, labels = '']) => labels.includes(label))
      .reduce((total, [, , value]) => total + Number(value), 0);
  };
  const methods = new Set(
    [...text.matchAll(/^rest_client_requests_total\{.*method="([A-Z]+)"/gm)].map(([, method = '']) => method),
  );
  return {
    cpuSeconds: sum('process_cpu_seconds_total'),
    residentMiB: sum('process_resident_memory_bytes') / 2 ** 20,
    heapMiB: sum('nodejs_heap_size_used_bytes') / 2 ** 20,
    calls: new Map([...methods].map((method) => [method, sum('rest_client_requests_total', `method="${method}"`)])),
    reconciles: sum('controller_runtime_reconcile_total'),
    reconcileErrors: sum('controller_runtime_reconcile_errors_total'),
    queued: sum('workqueue_depth'),
    openHandles: sum('nodejs_active_handles'),
  };
}
