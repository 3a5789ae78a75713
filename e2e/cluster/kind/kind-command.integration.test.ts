import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type kind as Kind } from './kind-command';

const { env } = process;

// With programs in place of kind: what the real one does is seen by e2e/full/kind-cluster.e2e.ts.
describe('the kind command', () => {
  let place: string;
  let kind: typeof Kind;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'kind-'));
    process.env = { ...env, PATH: place, XDG_CACHE_HOME: place };
    jest.resetModules(); // the cache folder is read once
    ({ kind } = jest.requireActual<{ kind: typeof Kind }>('./kind-command'));
  });

  afterEach(() => {
    process.env = env;
    rmSync(place, { recursive: true });
  });

  it('is the one on the PATH', async () => {
    program('echo "$@"');
    expect(await kind('get', 'nodes')).toBe('get nodes\n');
  });

  it('says how to get it where there is neither kind nor Go', async () => {
    await expect(kind('get', 'nodes')).rejects.toThrow(
      /^kind is not on the PATH: Go is not on the PATH: install Go \S+ or newer/,
    );
  });

  it('fails in one line and keeps the rest in a file', async () => {
    program('[ "$1" = version ] && exit; echo " ✗ Starting" >&2; echo "ERROR: no nodes found" >&2; exit 1');
    const log = join(place, 'nats-operator', 'kind', 'kind.log');
    await expect(kind('load', 'image-archive', 'a.tar')).rejects.toThrow(
      `kind load image-archive failed: no nodes found (see ${log})`,
    );
    expect(readFileSync(log, 'utf8')).toContain('✗ Starting');
  });

  it("names KIND_NODE_IMAGE as the cure where the node image can't be pulled", async () => {
    program(
      '[ "$1" = version ] && exit; echo "ERROR: failed to pull image \\"kindest/node:v1@sha256:ab\\": x" >&2; exit 1',
    );
    await expect(kind('create', 'cluster')).rejects.toThrow(
      /^kindest\/node:v1, the node image, can't be pulled: name one .* in KIND_NODE_IMAGE$/,
    );
    expect(existsSync(join(place, 'nats-operator'))).toBe(false);
  });

  function program(script: string): void {
    writeFileSync(join(place, 'kind'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
});
