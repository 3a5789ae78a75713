import { setTimeout as sleep } from 'node:timers/promises';
import { startControlPlane, type TemporaryControlPlane } from '../e2e/cluster/control-plane/temporary';
import { eventually } from '../e2e/cluster/eventually';
import { leaseTimes } from './kubernetes/lease';
import { kinds } from './kubernetes/resource-kind';
import { clientOf } from './kubernetes/testing/clients';
import { NetworkLink } from './testing/network-link';
import { OperatorProcess } from './testing/operator-process';
import { SteadyEdits } from './testing/steady-edits';
import { ledWrites, termsOf, trespasses } from './testing/writer-periods';

const lease = 'nats-operator';
const pauseSeconds = 20;
/** Between two attempts at the lease, with jitter; and what a busy machine adds to anything. */
const attemptSeconds = leaseTimes.waitPeriod * 1.2;
const slackSeconds = 8;
/** The lease may just have been renewed, was seen an attempt later, and its end is noticed an attempt later. */
const takeoverSeconds = leaseTimes.duration + 2 * attemptSeconds + slackSeconds;

/** A replica with a name and a way to the API server that no other has, so that the API server can tell it from all others. */
interface Replica {
  readonly name: string;
  readonly process: OperatorProcess;
  readonly link: NetworkLink;
}

// each test begins with a leader and a standby, and leaves the standby leading
describe('two replicas of the operator', () => {
  let controlPlane: TemporaryControlPlane;
  let edits: SteadyEdits | undefined;
  const replicas: Replica[] = [];

  beforeAll(async () => {
    controlPlane = await startControlPlane({ audited: true });
    await join(); // it installs the CRDs
    edits = await SteadyEdits.start(clientOf(controlPlane.kubeconfig).client, ['one', 'two', 'three']);
  }, 180_000);

  afterAll(async () => {
    edits?.stop();
    for (const { process, link } of replicas) {
      process.signal('SIGKILL');
      link.stop();
    }
    await controlPlane.remove();
  });

  it('hand over in seconds when the leader is asked to end, which ends without an error', async () => {
    const { leader, standby } = await pair();
    const asked = Date.now();
    leader.process.signal('SIGTERM');
    expect(await leader.process.end(30)).toMatchObject({ code: 0, signal: null });
    expect(termsOf(controlPlane.audit.writes(), lease).at(-1)).toMatchObject({ holder: undefined }); // given away
    const began = await firstWriteOf(standby, takeoverSeconds);
    seen('SIGTERM to the first write of the next leader', began - asked);
    // one that was not given away could not be had in less than its duration without the time since it was renewed: 13 s
    expect(began - asked).toBeLessThan((attemptSeconds + slackSeconds) * 1000);
  }, 180_000);

  it('go on when the leader is killed, once its lease has run out', async () => {
    const { leader, standby } = await pair();
    const killed = Date.now();
    leader.process.signal('SIGKILL');
    const began = await firstWriteOf(standby, takeoverSeconds + 5);
    seen('SIGKILL to the first write of the next leader', began - killed);
    expect(began - killed).toBeLessThan(takeoverSeconds * 1000);
  }, 180_000);

  it('have nothing written by a leader that was stopped for 20 s, when it wakes', async () => {
    const { leader, standby } = await pair();
    const stopped = Date.now();
    leader.process.signal('SIGSTOP');
    const began = await firstWriteOf(standby, takeoverSeconds + 5);
    seen('SIGSTOP to the first write of the next leader', began - stopped);
    await sleep(stopped + pauseSeconds * 1000 - Date.now());
    const woken = Date.now();
    leader.process.signal('SIGCONT');
    const { code, at } = await leader.process.end(30);
    seen('SIGCONT to the end of the old leader', at - woken);
    expect(code).toBe(1); // it starts again, and from what the API server says
    expect(leader.process.errors).toContain('the lead was lost');
    await recorded();
    expect(controlPlane.audit.writes().filter((write) => write.user === leader.name && write.ended > woken)).toEqual(
      [],
    );
  }, 180_000);

  it('are never both at work when the leader is cut off from the API server', async () => {
    const { leader, standby } = await pair();
    const broken = Date.now();
    leader.link.break();
    const { code, at } = await leader.process.end(30);
    seen('break of the network to the end of the old leader', at - broken);
    expect(at - broken).toBeLessThan(leaseTimes.duration * 1000);
    expect(code).toBe(1);
    expect(leader.process.errors).toContain('the lead was lost');
    const began = await firstWriteOf(standby, takeoverSeconds + 5);
    seen('break of the network to the first write of the next leader', began - broken);
    const taken = termsOf(controlPlane.audit.writes(), lease).at(-1);
    expect(taken?.holder).toBe(standby.name);
    expect(at).toBeLessThan(taken?.began ?? 0);
  }, 180_000);

  it('have written one at a time, each while the lease was its own', async () => {
    const { leader, standby } = await pair();
    edits?.stop();
    expect(edits?.failure).toBeUndefined();
    // the standby first, else it would lead
    for (const { process } of [standby, leader]) {
      process.signal('SIGTERM');
      expect(await process.end(30)).toMatchObject({ code: 0 });
    }
    await recorded();
    const writes = controlPlane.audit.writes();
    const names = replicas.map(({ name }) => name);
    const counts = new Map(names.map((name) => [name, ledWrites(writes, [name]).length]));
    seen(`writes ${JSON.stringify(Object.fromEntries(counts))}, edits ${edits?.made}`);
    const held = termsOf(writes, lease).flatMap(({ holder }) => holder ?? []);
    expect(held).toEqual(names.slice(0, -1)); // one after the other, but for the last, which never led
    for (const name of held) expect(counts.get(name)).toBeGreaterThan(20);
    expect(trespasses(writes, names, lease)).toEqual([]);
  }, 180_000);

  /** Starts a replica; returns when its caches are filled and somebody leads. */
  async function join(): Promise<void> {
    const name = `replica-${replicas.length + 1}`;
    const link = await NetworkLink.to(controlPlane.url);
    const kubeconfig = await controlPlane.kubeconfigFor(name, { group: 'system:masters', server: link.url });
    const process = await OperatorProcess.start({ kubeconfig, name });
    replicas.push({ name, link, process });
    await eventually(60, async () => {
      expect(await process.isReady()).toBe(true);
      expect(holder()).toBeDefined();
    });
  }

  /** One that leads and is at work, and one that waits; starts what is missing. */
  async function pair(): Promise<{ leader: Replica; standby: Replica }> {
    const running = () => replicas.filter(({ process }) => !process.ending);
    while (running().length < 2) await join();
    const leader = running().find(({ name }) => name === holder());
    const standby = running().find(({ name }) => name !== holder());
    if (!leader || !standby)
      throw new Error(
        `${holder()} leads, of ${running()
          .map(({ name }) => name)
          .join()}`,
      );
    // so many are counted at the end
    await eventually(60, () => {
      expect(writesOf(leader).length).toBeGreaterThan(20);
      return Promise.resolve();
    });
    return { leader, standby };
  }

  function holder(): string | undefined {
    return termsOf(controlPlane.audit.writes(), lease).at(-1)?.holder;
  }

  /** Its writes that need the lead. */
  function writesOf({ name }: Replica) {
    return ledWrites(controlPlane.audit.writes(), [name]);
  }

  /** When it began its first write that needs the lead. */
  function firstWriteOf(replica: Replica, seconds: number): Promise<number> {
    return eventually(seconds, () => {
      const [first] = writesOf(replica);
      if (!first) return Promise.reject(new Error(`${replica.name} has not written anything in ${seconds} s`));
      return Promise.resolve(first.began);
    });
  }

  /** Waits until the record has whatever was written before. */
  async function recorded(): Promise<void> {
    const name = `mark-${Date.now()}`;
    const mark = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
    await clientOf(controlPlane.kubeconfig).client.create(kinds.configMap, mark);
    await eventually(60, () => {
      expect(controlPlane.audit.writes().map((write) => write.name)).toContain(name);
      return Promise.resolve();
    });
  }
});

function seen(what: string, milliseconds?: number): void {
  process.stderr.write(`${what}${milliseconds === undefined ? '' : `: ${(milliseconds / 1000).toFixed(1)} s`}\n`);
}
