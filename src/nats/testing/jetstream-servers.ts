import { eventually } from '../../../e2e/cluster/eventually';
import { type NatsVersion } from '../../../e2e/cluster/versions';
import { readJetStream, type JetStreamReport } from '../jetstream-report';
import { NatsServer, portsFor, type Ports } from './nats-server';

/** Three real servers of one cluster with JetStream, `nats-0` to `nats-2`, each with a tag that is its name. */
export class JetStreamServers {
  readonly servers: NatsServer[] = [];

  private constructor(private readonly ports: readonly Ports[]) {}

  /** Starts them with these settings of JetStream beside the limits. They are ready for streams then. */
  static async start(version: NatsVersion, jetStream: object = {}): Promise<JetStreamServers> {
    const all = new JetStreamServers(await portsFor(3));
    all.servers.push(
      ...(await Promise.all(
        all.ports.map((ports, ordinal) => NatsServer.start(version, all.config(ordinal, jetStream), ports)),
      )),
    );
    // 2.10 may leave one outside for ever that comes up in the moment of an election (see rejoin.ts)
    for (let round = 0; round < 3; round++) {
      const left = await eventually(15, async () => {
        const names = await all.outside();
        expect(names).toEqual([]);
        return names;
      }).catch(() => all.outside());
      for (const ordinal of left) await all.restart(ordinal, jetStream);
    }
    await all.current();
    return all;
  }

  /** Where clients come. */
  get urls(): string[] {
    return this.ports.map(({ client }) => `127.0.0.1:${client}`);
  }

  /** Ends one at once and starts it with these settings of JetStream. */
  async restart(ordinal: number, jetStream: object = {}): Promise<void> {
    await this.servers[ordinal]?.restart(this.config(ordinal, jetStream));
  }

  /** Ends all at once, and starts them with these settings of JetStream. */
  async restartAll(jetStream: object = {}): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    await Promise.all(this.servers.map((_, ordinal) => this.restart(ordinal, jetStream)));
  }

  /** Waits until all are up and each replica has all that its leader has. */
  async current(): Promise<void> {
    await eventually(90, async () => {
      expect(await this.outside()).toEqual([]);
      const reports = await this.reports();
      for (const [name, { problem, meta, groups = [] }] of reports) {
        expect({ name, problem }).toEqual({ name, problem: undefined });
        const led = groups.filter(({ leader }) => leader === name);
        const seen = [
          ...led,
          ...(meta?.leader === name ? [{ stream: 'meta', consumer: '', replicas: meta.peers }] : []),
        ];
        const behind = seen.flatMap(({ stream, consumer, replicas }) =>
          replicas
            .filter(({ current, offline }) => !current || offline)
            .map((replica) => ({ stream, consumer, ...replica })),
        );
        expect(behind).toEqual([]);
        expect(groups.filter(({ leader }) => leader === undefined)).toEqual([]);
      }
    });
  }

  /** What those that answer say, by name. */
  async reports(): Promise<Map<string, JetStreamReport>> {
    const all = await Promise.all(
      this.ports.map(async ({ monitoring }, ordinal) => {
        const report = await readJetStream({ ip: '127.0.0.1', port: monitoring }).catch(() => undefined);
        return report ? [[`nats-${ordinal}`, report] as const] : [];
      }),
    );
    return new Map(all.flat());
  }

  async remove(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.remove()));
  }

  /** The ordinals of those that the meta group does not have. */
  private async outside(): Promise<number[]> {
    const reports = await this.reports();
    const leading = [...reports].find(([name, { meta }]) => meta?.leader === name);
    const inside = leading ? [leading[0], ...(leading[1].meta?.peers ?? []).map(({ name }) => name)] : [];
    return this.servers.flatMap((_, ordinal) => (inside.includes(`nats-${ordinal}`) ? [] : [ordinal]));
  }

  private config(ordinal: number, jetStream: object): object {
    return {
      server_name: `nats-${ordinal}`,
      server_tags: [`nats-${ordinal}`],
      accounts: { $SYS: { users: [{ user: 'operator', password: 'secret' }] } },
      jetstream: { store_dir: 'jetstream', max_mem: 1e7, max_file: 1e8, ...jetStream },
      cluster: {
        name: 'nats',
        listen: `127.0.0.1:${this.ports[ordinal]?.routes ?? 0}`,
        routes: this.ports.map(({ routes }) => `nats://127.0.0.1:${routes}`),
      },
    };
  }
}
