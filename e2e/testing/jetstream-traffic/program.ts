import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager, type JetStreamClient } from '@nats-io/jetstream';

/**
 * Runs in a pod: publishes numbers into a stream, one after another, each until a server acknowledges it, and reads the stream
 * through from its beginning, until it is told to stop; prints what came of it as one line of JSON each second. Arguments: the
 * server's URL, the name of the stream, its replicas.
 */

/** So long after its acknowledgement a message may take to be read, in milliseconds, before it counts as lost. */
const readWithin = 10_000;
const ackTimeout = 2000;

interface Reading {
  /** Of each number the sequences under which it is in the stream. */
  readonly found: Map<number, Set<number>>;
}

async function open(url: string): Promise<NatsConnection> {
  return connect({
    servers: url,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    timeout: 2000,
    pingInterval: 2000,
    waitOnFirstConnect: true,
  });
}

/** Does it again until it works. */
async function insist<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await pause(100);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Reads for ever; where the reader breaks, another one goes on behind the last message. */
async function read(client: JetStreamClient, stream: string, { found }: Reading): Promise<never> {
  let next = 1;
  for (;;) {
    try {
      const consumer = await client.consumers.get(stream, { opt_start_seq: next });
      for await (const message of await consumer.consume({ expires: 2000, idle_heartbeat: 1000 })) {
        next = message.seq + 1;
        const number = Number(message.string());
        const sequences = found.get(number);
        if (sequences) sequences.add(message.seq);
        else found.set(number, new Set([message.seq]));
      }
    } catch {
      // the server that had the consumer is gone, or has not found a leader yet
    }
    await pause(200);
  }
}

async function main(url: string, stream: string, replicas: number): Promise<void> {
  const publisher = await open(url);
  const run = `${Date.now()}`;
  await insist(async () => {
    const manager = await jetstreamManager(publisher, { timeout: 5000 });
    const duplicate_window = 600 * 1e9;
    await manager.streams
      .add({ name: stream, subjects: [stream], num_replicas: replicas, storage: 'file', duplicate_window })
      .catch(async (error: unknown) => {
        // it is there from before, or was made although the answer was lost
        if ((await manager.streams.info(stream)).config.num_replicas !== replicas) throw error;
      });
  });
  const reading: Reading = { found: new Map() };
  void read(jetstream(await open(url), { timeout: 5000 }), stream, reading);

  const acknowledged = new Map<number, number>();
  let longestStall = 0;
  let retries = 0;
  let last = Date.now();
  setInterval(report, 1000);
  const client = jetstream(publisher, { timeout: ackTimeout });
  const first = Date.now() * 1000; // numbers of another run of this program stay apart
  for (let number = first; ; number++) {
    for (;;) {
      try {
        await client.publish(stream, String(number), { msgID: `${run}-${number}`, timeout: ackTimeout });
        break;
      } catch {
        retries++;
        await pause(50);
      }
    }
    const now = Date.now();
    longestStall = Math.max(longestStall, now - last);
    last = now;
    acknowledged.set(number, now);
    await pause(5);
  }

  function report(): void {
    const due = [...acknowledged].filter(([, at]) => at < Date.now() - readWithin).map(([number]) => number);
    console.log(
      JSON.stringify({
        acknowledged: acknowledged.size,
        found: [...acknowledged.keys()].filter((number) => reading.found.has(number)).length,
        lost: due.filter((number) => !reading.found.has(number)).length,
        duplicated: [...reading.found.values()].filter((sequences) => sequences.size > 1).length,
        retries,
        longestStallMs: longestStall,
        stalledMs: Date.now() - last,
      }),
    );
  }
}

const [, , url = 'nats://localhost:4222', stream = 'TRAFFIC', replicas = '3'] = process.argv;
void main(url, stream, Number(replicas));
