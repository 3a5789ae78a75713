import { join } from 'node:path';
import { eventually } from '../../cluster/eventually';
import { type NatsClusters } from '../nats-clusters';
import { startProgram } from '../program-pod';

/** What a publisher that awaits acknowledgements, and a reader of the whole stream, went through so far. */
export interface JetStreamAccount {
  /** Messages that a server acknowledged: from then on they must never be lost. */
  acknowledged: number;
  /** Those of them that were read. */
  found: number;
  /** Those of them that were not read within ten seconds. */
  lost: number;
  /** Messages that are more than once in the stream, although each has an id. */
  duplicated: number;
  /** Times at which an acknowledgement did not come and the message was sent again. */
  retries: number;
  /** Longest time between two acknowledgements. */
  longestStallMs: number;
  /** Time since the last one. */
  stalledMs: number;
}

/** Messages that are published into a stream and read from it all the time, and an account of what was lost. */
export class JetStreamTraffic {
  private constructor(
    private readonly clusters: NatsClusters,
    private readonly pod: string,
  ) {}

  /** Starts it in a pod of that name, on that node if one is named, with a stream on files, and waits until the first messages are acknowledged and read. */
  static async start(
    clusters: NatsClusters,
    url: string,
    {
      pod = 'jetstream-traffic',
      stream = 'TRAFFIC',
      replicas = 3,
      node,
    }: { pod?: string; stream?: string; replicas?: number; node?: string } = {},
  ): Promise<JetStreamTraffic> {
    await startProgram(clusters, pod, join(__dirname, 'program.ts'), [url, stream, String(replicas)], node);
    const traffic = new JetStreamTraffic(clusters, pod);
    await traffic.flows();
    return traffic;
  }

  /** The account as it is now. */
  async account(): Promise<JetStreamAccount> {
    return JSON.parse(await this.clusters.run('logs', this.pod, '--tail=1')) as JetStreamAccount;
  }

  /** Waits until messages are acknowledged, and returns the account then. A reader whose consumer is on a server that is ill may wait for it. */
  async publishes(seconds = 90): Promise<JetStreamAccount> {
    const before = (await this.account()).acknowledged;
    return eventually(seconds, async () => {
      const account = await this.account();
      expect(account.acknowledged).toBeGreaterThan(before + 50);
      expect(account.lost).toBe(0);
      return account;
    });
  }

  /** Waits until messages flow and all that was acknowledged before is read, and returns the account then. */
  async flows(seconds = 90): Promise<JetStreamAccount> {
    const before = (await this.account().catch(() => undefined))?.acknowledged ?? 0;
    return eventually(seconds, async () => {
      const account = await this.account();
      expect(account.acknowledged).toBeGreaterThan(before + 50);
      expect(account.found).toBeGreaterThan(before);
      expect(account.lost).toBe(0);
      return account;
    });
  }
}
