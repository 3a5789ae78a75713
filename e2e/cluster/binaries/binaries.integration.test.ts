import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { type binaries as Binaries } from './binaries';

describe('binaries', () => {
  // Go's own cache is kept: only the cache of finished binaries starts empty
  const goCache = execFileSync('go', ['env', 'GOCACHE'], { encoding: 'utf8' }).trim();
  const env: NodeJS.ProcessEnv = { ...process.env, GOCACHE: goCache };
  let folder: string;
  let binaries: typeof Binaries;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nats-operator-binaries-'));
    process.env = { ...env, XDG_CACHE_HOME: folder };
    jest.resetModules(); // the cache's place is read once
    ({ binaries } = jest.requireActual<{ binaries: typeof Binaries }>('./binaries'));
  });

  afterEach(() => {
    process.env = { ...env };
    rmSync(folder, { recursive: true });
  });

  /** Puts a program of that name first on the PATH. */
  function pretend(name: string, script: string): void {
    const bin = join(folder, 'path');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
    process.env.PATH = `${bin}:${env.PATH}`;
  }

  it('are built once and then come from the cache, even without Go', async () => {
    const first = await binaries('nats-server-1.0.4');
    const path = first['nats-server-1.0.4'];
    expect(execFileSync(path, ['--version'], { encoding: 'utf8' })).toMatch(/version 1\.0\.4/);
    process.env.PATH = '/nowhere';
    expect(await binaries('nats-server-1.0.4')).toEqual(first);
  }, 600_000);

  it('are built once by callers that ask at the same time', async () => {
    const [one, other] = await Promise.all([binaries('nats-server-1.0.4'), binaries('nats-server-1.0.4')]);
    expect(one).toEqual(other);
    expect(readdirSync(join(folder, 'nats-operator', 'bin'))).toHaveLength(1);
  }, 600_000);

  it('say how to get Go where there is none', async () => {
    process.env.PATH = '/nowhere';
    await expect(binaries('nats-server-1.0.4')).rejects.toThrow(/^Go is not on the PATH: install Go 1\.26/);
  });

  it('say which Go is needed where it is too old', async () => {
    pretend('go', 'echo go1.19.8');
    await expect(binaries('nats-server-1.0.4')).rejects.toThrow(/^Go go1\.19\.8 is too old: install Go 1\.26/);
  });

  it('show the end of the output of a build that fails, and leave nothing half done', async () => {
    pretend('go', 'if [ "$1" = env ]; then echo go1.26.8; else echo "no space left on device" >&2; exit 1; fi');
    await expect(binaries('nats-server-1.0.4')).rejects.toThrow(
      'building nats-server 1.0.4 failed: no space left on device',
    );
    expect(readdirSync(join(folder, 'nats-operator', 'bin'))).toEqual([]);
  });
});
