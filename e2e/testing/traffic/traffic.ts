import { join } from 'node:path';
import { type NodeConnectionOptions } from '@nats-io/transport-node';
import { eventually } from '../../cluster/eventually';
import { type NatsClusters } from '../nats-clusters';
import { startProgram } from '../program-pod';

/** What a publisher and three subscribers in a pod went through so far. */
export interface Account {
  /** Messages that a server surely took, but for those of the last four seconds. */
  published: number;
  /** How often each subscriber found a new server. */
  reconnects: number[];
  publisherReconnects: number;
  /** Messages that each subscriber did not get. */
  missed: number[];
  /** Those of them that were published while it and the publisher were connected, two seconds before and after too. */
  lostWhileConnected: number[];
  /** Messages that no subscriber got. */
  missedByAll: number;
}

const pod = 'traffic';

/** Messages that flow all the time through a cluster, from clients that reconnect, and an account of what was lost. */
export class Traffic {
  private constructor(private readonly clusters: NatsClusters) {}

  /** Starts it in a pod and waits until the first messages have arrived. `needed` is what connections need beside the URL. */
  static async start(clusters: NatsClusters, url: string, needed: NodeConnectionOptions = {}): Promise<Traffic> {
    await startProgram(clusters, pod, join(__dirname, 'program.ts'), [url, JSON.stringify(needed)]);
    const traffic = new Traffic(clusters);
    await traffic.flows();
    return traffic;
  }

  /** The account as it is now. */
  async account(): Promise<Account> {
    const lines = await this.clusters.run('logs', pod, '--tail=1');
    return JSON.parse(lines) as Account;
  }

  /**
   * Waits until all subscribers get what is published now, and returns the account then: until a stretch of a hundred messages
   * goes by of which none is missed.
   */
  async flows(): Promise<Account> {
    let start: Account | undefined;
    return eventually(90, async () => {
      const account = await this.account();
      start ??= account;
      const { published, missed } = start;
      // what was missed in a stretch makes the next one begin here
      if (missed.some((count, index) => count !== account.missed[index])) start = account;
      expect(account.missed).toEqual(missed);
      expect(account.published).toBeGreaterThan(published + 100);
      return account;
    });
  }
}
