import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../e2e/cluster/eventually';
import { isAlive } from '../e2e/cluster/processes/alive';
import { projectFolder } from '../e2e/cluster/project';

const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'];

// `make build` made it
describe('a measurement that is stopped by a signal', () => {
  it.each([
    ['SIGINT', 130, 'bench'],
    ['SIGTERM', 143, 'soak'],
  ] as const)(
    'leaves no process and no file behind: %s',
    async (signal, code, tool) => {
      const folder = mkdtempSync(join(tmpdir(), 'nats-operator-bench-'));
      const child = spawn(process.execPath, [join(projectFolder, 'build', 'bench', `${tool}.js`)], {
        env: { ...process.env, TMPDIR: folder, CLUSTERS: '5' },
        stdio: 'ignore',
      });
      try {
        const ended = once(child, 'exit');
        const pids = await eventually(180, () => Promise.resolve(names.map((name) => pidOf(folder, name))));
        child.kill(signal);
        expect(await ended).toEqual([code, null]);
        await eventually(60, () => {
          expect(pids.filter(isAlive)).toEqual([]);
          return Promise.resolve();
        });
        expect(readdirSync(folder)).toEqual([]);
      } finally {
        child.kill('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      }
    },
    300_000,
  );
});

/** Process id of a component of the control plane there. Throws where it does not run yet. */
function pidOf(folder: string, name: string): number {
  const [controlPlane = ''] = readdirSync(folder).filter((entry) => entry.startsWith('nats-operator-control-plane-'));
  const file = join(folder, controlPlane, `${name}.pid`);
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : NaN;
  if (!isAlive(pid)) throw new Error(`${name} does not run`);
  return pid;
}
