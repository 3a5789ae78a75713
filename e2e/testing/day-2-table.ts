import { eventually } from '../cluster/eventually';
import { JetStreamTraffic, type JetStreamAccount } from './jetstream-traffic/jetstream-traffic';
import { type NatsClusters } from './nats-clusters';

interface Row extends JetStreamAccount {
  readonly operation: string;
  readonly seconds: number;
}

const heading = [
  '| operation | acknowledged | found | lost | duplicated | sent again | longest stall | took |',
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
];

/** Operations under a stream of acknowledged publishes, each with an account of its own, as a table in Markdown. */
export class Day2Table {
  private readonly rows: Row[] = [];

  constructor(
    private readonly clusters: NatsClusters,
    private readonly url: string,
  ) {}

  /**
   * Publishes and reads while `operation` is done, and until all that was acknowledged meanwhile had its time to be read. Throws
   * where an acknowledged message is lost or there is one twice.
   */
  async during(name: string, operation: () => Promise<void>): Promise<void> {
    const pod = `traffic-${this.rows.length}`;
    const traffic = await JetStreamTraffic.start(this.clusters, this.url, { pod });
    const begun = Date.now();
    await operation();
    const seconds = (Date.now() - begun) / 1000;
    await traffic.flows(120);
    // a message counts as lost when it was not read within ten seconds
    const due = Date.now() + 12_000;
    const account = await eventually(60, async () => {
      const now = await traffic.account();
      expect(Date.now()).toBeGreaterThan(due);
      // nothing of it is on its way just now, so that the two numbers can be compared
      expect(now.found).toBe(now.acknowledged);
      return now;
    }).catch(() => traffic.account());
    await this.clusters.run('delete', 'pod,configmap', pod, '--grace-period=0', '--force');
    this.rows.push({ ...account, operation: name, seconds });
    console.log(markdown(this.rows.slice(-1)).join('\n'));
    expect(account).toMatchObject({ lost: 0, duplicated: 0 });
  }

  toString(): string {
    return [...heading, ...markdown(this.rows)].join('\n');
  }
}

function markdown(rows: readonly Row[]): string[] {
  return rows.map(({ operation, acknowledged, found, lost, duplicated, retries, longestStallMs, seconds }) => {
    const cells = [
      operation,
      acknowledged,
      found,
      lost,
      duplicated,
      retries,
      `${(longestStallMs / 1000).toFixed(1)} s`,
    ];
    return `| ${[...cells, `${seconds.toFixed(0)} s`].join(' | ')} |`;
  });
}
