import { natsClusterKind } from '../controllers/nats-cluster/kind';
import { type ApiClient } from '../kubernetes/api-client';
import { apiVersionOf } from '../kubernetes/resource-kind';

const namespace = 'default';
const everyMilliseconds = 200;

/** Somebody who edits clusters in turn, so that an operator always has something to write: a service and a status each time. */
export class SteadyEdits {
  made = 0;
  /** What an edit failed with. */
  failure?: unknown;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly client: ApiClient,
    private readonly names: readonly string[],
  ) {
    this.timer = setInterval(() => {
      this.edit().catch((error: unknown) => (this.failure = error));
    }, everyMilliseconds);
  }

  /** Makes the clusters and begins. */
  static async start(client: ApiClient, names: readonly string[]): Promise<SteadyEdits> {
    for (const name of names) {
      const metadata = { name, namespace };
      await client.create(natsClusterKind, {
        apiVersion: apiVersionOf(natsClusterKind),
        kind: natsClusterKind.kind,
        metadata,
        spec: { size: 3 },
      } as Parameters<ApiClient['create']>[1]);
    }
    return new SteadyEdits(client, names);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async edit(): Promise<void> {
    const name = this.names[this.made++ % this.names.length] ?? '';
    const annotations = { edit: String(this.made) };
    await this.client.mergePatch(natsClusterKind, { namespace, name }, { spec: { servicePolicy: { annotations } } });
  }
}
