import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { isAlive } from '../cluster/processes/alive';
import { type Kubectl } from '../cluster/kubectl';
import { forwarded } from './port-forward';

const startSeconds = 3;

// With a program in place of kubectl that takes its time to start; what the real one does is seen by e2e/core.
describe('a forwarded port', () => {
  const pids: number[] = [];
  const slow = `
    const server = require('node:net').createServer((socket) => socket.end('hello'));
    setTimeout(() => server.listen(0, '127.0.0.1', () => {
      console.log('Forwarding from 127.0.0.1:' + server.address().port + ' -> 4222');
    }), ${startSeconds * 1000});`;
  const kubectl = {
    spawn: () => {
      const child = spawn(process.execPath, ['-e', slow], { stdio: ['ignore', 'pipe', 'pipe'] });
      pids.push(child.pid ?? 0);
      return Promise.resolve(child);
    },
  } as unknown as Kubectl;

  it('leads to the pod at once, however long kubectl takes to start, and leaves no process behind', async () => {
    await forwarded(kubectl, ['default', 'pod', 4222], async (port) => {
      expect(await greeting(port, startSeconds - 1)).toBe('hello');
      expect(await greeting(port, 60)).toBe('hello'); // by one that is started for it
    });
    expect(pids).toHaveLength(2);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('leaves no process behind where nobody came', async () => {
    await forwarded(kubectl, ['default', 'pod', 4222], () => Promise.resolve());
    expect(pids.filter(isAlive)).toEqual([]);
  });

  /** What comes from there within so many seconds. */
  async function greeting(port: number, seconds: number): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    try {
      const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(seconds * 1000) })) as [Buffer];
      return chunk.toString();
    } finally {
      socket.destroy();
    }
  }
});
