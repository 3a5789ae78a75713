import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './alive';
import { Daemon, type DaemonSpec } from './daemon';

describe('a background process', () => {
  let folder: string;
  const daemon = (command: DaemonSpec['command'], ready?: DaemonSpec['ready']) =>
    new Daemon({ name: 'worker', folder, command, ready, readyWithinSeconds: 60 });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nats-operator-daemon-'));
  });
  afterEach(async () => {
    await daemon(['']).stop('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  it('is known to a later run by its pid file', async () => {
    await daemon(['sleep', '60']).start();
    expect(daemon(['sleep', '60']).pid).toEqual(expect.any(Number));
  });

  it('is known at every moment from its start on, as its pid file is never empty', async () => {
    // the process writes the file a second time, a few milliseconds after us: written anew, it was
    // empty for a moment in 4 of 10 starts, and the process seemed to be gone
    for (let start = 0; start < 20; start++) {
      const worker = daemon(['sleep', '60']);
      await worker.start();
      const until = Date.now() + 15;
      while (Date.now() < until) expect(worker.pid).toEqual(expect.any(Number));
      await worker.stop('SIGKILL');
    }
  });

  it('is not started twice', async () => {
    await daemon(['sleep', '60']).start();
    const { pid } = daemon(['']);
    await daemon(['sleep', '60']).start();
    expect(daemon(['']).pid).toBe(pid);
  });

  it('is gone when stop returns', async () => {
    const worker = daemon(['sleep', '60']);
    await worker.start();
    const { pid = 0 } = worker;
    await worker.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('says why it did not come up, with the end of its log', async () => {
    const worker = daemon(['sh', '-c', 'echo no such luck; exit 3'], () => Promise.resolve(false));
    await expect(worker.start()).rejects.toThrow(
      /^worker ended while starting: no such luck \(all of it in .*worker.log\)$/,
    );
  });

  it('reports a program that does not exist', async () => {
    const worker = daemon(['/no/such/program'], () => Promise.resolve(false));
    await expect(worker.start()).rejects.toThrow(/^worker ended while starting/);
  });

  it('is not confused with another process that has the same id', async () => {
    writeFileSync(join(folder, 'worker.pid'), `${process.pid} 1`);
    const worker = daemon(['']);
    expect(worker.pid).toBeUndefined();
    await worker.stop('SIGKILL'); // would end this very test otherwise
  });
});
