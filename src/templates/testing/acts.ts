import { setImmediate } from 'node:timers/promises';
import { type Msg, type NatsConnection } from '@nats-io/transport-node';
import { eventually } from '../../../e2e/cluster/eventually';

/** What a client does with a subject. */
export type Act = ['publish' | 'subscribe', string];

/** Which of these a server does not let the client do. */
export async function violations(client: NatsConnection, ...acts: Act[]): Promise<string[]> {
  const found: string[] = [];
  const statuses = client.status();
  void (async () => {
    for await (const status of statuses) if (status.type === 'error') found.push(status.error.message);
  })();
  for (const [what, subject] of acts) {
    if (what === 'publish') client.publish(subject);
    else client.subscribe(subject, { callback: () => undefined });
    await client.flush();
  }
  await setImmediate(); // what came before the answer to the last flush is in `found` by then
  return acts.map((act) => act.join(' ')).filter((act) => found.some((message) => isAbout(message, act)));
}

function isAbout(message: string, act: string): boolean {
  const [what = '', subject = ''] = act.split(' ');
  const kind = what === 'publish' ? /publish/i : /subscription/i;
  return /permissions violation/i.test(message) && kind.test(message) && message.includes(`"${subject}"`);
}

/** Answers each request so. */
export function answering(answer: string) {
  return (_: Error | null, message: Msg) => void message.respond(answer);
}

/** The subjects of the messages that a client gets, as they come. */
export function listen(client: NatsConnection, subject: string): string[] {
  const seen: string[] = [];
  client.subscribe(subject, { callback: (_, message) => void seen.push(message.subject) });
  return seen;
}

/** Waits until messages of one client reach another one. */
export async function crosses(from: NatsConnection, to: NatsConnection): Promise<void> {
  const seen = listen(to, 'greetings');
  await to.flush();
  await eventually(60, async () => {
    from.publish('greetings');
    await from.flush();
    expect(seen).toContain('greetings');
  });
}
