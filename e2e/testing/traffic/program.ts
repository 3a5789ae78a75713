import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';

/**
 * Runs in a pod: publishes numbers, and listens to them on three connections, until it is told to stop; prints what came of it
 * as one line of JSON each second. Arguments: the server's URL, and as JSON what a connection needs beside it.
 */

/** What servers may take to hear of each other's subscribers, and clients to see that a connection is lost, on a busy machine. */
const settleMs = 2000;
const subject = 'numbers';

/** What one connection went through. */
interface Connection {
  /** Times at which it was lost, there again, lost, and so on. */
  breaks: number[];
  isUp: boolean;
}

interface Subscriber extends Connection {
  heard: Set<number>;
}

const needed = JSON.parse(process.argv[3] ?? '{}') as NodeConnectionOptions;

async function open(url: string): Promise<[NatsConnection, Connection]> {
  const nats = await connect({
    ...needed,
    servers: url,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    timeout: 2000,
    pingInterval: 2000,
    waitOnFirstConnect: true,
  });
  const connection: Connection = { breaks: [], isUp: true };
  void (async () => {
    for await (const { type } of nats.status()) {
      if (type !== 'disconnect' && type !== 'reconnect') continue;
      connection.isUp = type === 'reconnect';
      connection.breaks.push(Date.now());
    }
  })();
  return [nats, connection];
}

async function subscribe(url: string): Promise<Subscriber> {
  const [nats, connection] = await open(url);
  const subscriber = Object.assign(connection, { heard: new Set<number>() });
  nats.subscribe(subject, { callback: (_error, message) => void subscriber.heard.add(Number(message.string())) });
  await nats.flush();
  return subscriber;
}

/** Was this connection up, and the interest of its server known to the others, all around that time? */
function wasUp({ breaks }: Connection, time: number): boolean {
  const lostOrFound = breaks.filter((at) => at < time).length;
  return lostOrFound % 2 === 0 && breaks.every((at) => Math.abs(at - time) > settleMs);
}

async function main(url: string): Promise<void> {
  const subscribers = await Promise.all([subscribe(url), subscribe(url), subscribe(url)]);
  const [publisher, connection] = await open(url);
  const published: { number: number; time: number }[] = [];
  setInterval(report, 1000);

  for (let number = 0; ; number++) {
    const time = Date.now();
    publisher.publish(subject, String(number));
    // only what the server has surely taken counts as published
    const breaks = connection.breaks.length;
    const taken = await publisher.flush().then(
      () => true,
      () => false,
    );
    if (taken && connection.isUp && connection.breaks.length === breaks) published.push({ number, time });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  function report(): void {
    const old = published.filter(({ time }) => time < Date.now() - 2 * settleMs);
    const missed = subscribers.map(({ heard }) => old.filter(({ number }) => !heard.has(number)));
    const lost = missed.map((numbers, index) => {
      const subscriber = subscribers[index];
      return numbers.filter(({ time }) => subscriber && wasUp(subscriber, time) && wasUp(connection, time));
    });
    console.log(
      JSON.stringify({
        published: old.length,
        reconnects: subscribers.map(({ breaks }) => Math.floor(breaks.length / 2)),
        publisherReconnects: Math.floor(connection.breaks.length / 2),
        missed: missed.map(({ length }) => length),
        lostWhileConnected: lost.map(({ length }) => length),
        missedByAll: old.filter(({ number }) => subscribers.every(({ heard }) => !heard.has(number))).length,
      }),
    );
  }
}

void main(process.argv[2] ?? 'nats://localhost:4222');
