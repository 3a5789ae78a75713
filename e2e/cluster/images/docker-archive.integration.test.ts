import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDockerArchive, type Image } from './docker-archive';

const size = 3 * 1024 * 1024 + 1; // more than any buffer on the way, and no multiple of tar's block

describe('a docker archive', () => {
  let folder: string;
  let source: string;
  let archive: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nats-operator-archive-'));
    source = join(folder, 'program');
    archive = join(folder, 'images.tar');
    writeFileSync(source, Buffer.alloc(size, 'program '));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const anImage = (reference = 'shop/app:1', more: Partial<Image> = {}): Image => ({
    references: [reference],
    files: [{ path: '/usr/bin/app', source }],
    entrypoint: ['/usr/bin/app'],
    ...more,
  });

  const tar = (...args: string[]) => execFileSync('tar', args, { maxBuffer: 1e8, env: { ...process.env, TZ: 'UTC' } });
  const member = (name: string) => tar('-xOf', archive, name);
  const manifest = () =>
    JSON.parse(member('manifest.json').toString()) as { Config: string; RepoTags: string[]; Layers: string[] }[];
  const config = () =>
    JSON.parse(member(manifest()[0]!.Config).toString()) as {
      config: Record<string, unknown>;
      rootfs: { diff_ids: string[] };
    };
  /** Mode, owner and name of every entry of the first image's layer. */
  const listing = () => {
    const layer = join(folder, 'layer.tar');
    writeFileSync(layer, member(manifest()[0]!.Layers[0]!));
    const lines = tar('--numeric-owner', '-tvf', layer).toString().trim().split('\n');
    return lines.map((line) => {
      const [mode, owner, , , , ...name] = line.split(/\s+/);
      return [mode, owner, name.join(' ')].join(' ');
    });
  };

  it('has the same bytes for the same input, whenever the files were written', async () => {
    await writeDockerArchive(archive, [anImage()]);
    const first = readFileSync(archive);
    utimesSync(source, 1_000_000_000, 1_000_000_000);
    await writeDockerArchive(archive, [anImage()]);
    expect(readFileSync(archive).equals(first)).toBe(true);
  });

  it('keeps files as they are, however long', async () => {
    await writeDockerArchive(archive, [anImage()]);
    writeFileSync(join(folder, 'layer.tar'), member(manifest()[0]!.Layers[0]!));
    expect(tar('-xOf', join(folder, 'layer.tar'), 'usr/bin/app').equals(readFileSync(source))).toBe(true);
  });

  it('names each layer and config by its content, as engines check', async () => {
    await writeDockerArchive(archive, [anImage()]);
    const [{ Config, Layers } = { Config: '', Layers: [''] }] = manifest();
    const sha256 = (name: string) => createHash('sha256').update(member(name)).digest('hex');
    expect(config().rootfs.diff_ids).toEqual([`sha256:${sha256(Layers[0]!)}`]);
    expect(Config).toBe(`${sha256(Config)}.json`);
  });

  it('has folders, links and modes, all owned by root', async () => {
    const files: Image['files'] = [
      { path: '/usr/bin/app', source },
      { path: '/usr/bin/alias', link: 'app' },
      { path: '/etc/app.conf', content: 'port: 1\n', mode: 0o600 },
      { path: '/tmp', folder: true, mode: 0o1777 },
      { path: '/tmp/note', content: '' },
    ];
    await writeDockerArchive(archive, [anImage('shop/app:1', { files })]);
    expect(listing()).toEqual([
      'drwxr-xr-x 0/0 usr',
      'drwxr-xr-x 0/0 usr/bin',
      '-rwxr-xr-x 0/0 usr/bin/app',
      'lrw-r--r-- 0/0 usr/bin/alias -> app',
      'drwxr-xr-x 0/0 etc',
      '-rw------- 0/0 etc/app.conf',
      'drwxrwxrwt 0/0 tmp', // once: a second entry would take the mode back
      '-rw-r--r-- 0/0 tmp/note',
    ]);
  });

  it('tells the engine how to run it', async () => {
    const image = anImage('shop/app:1', {
      cmd: ['--serve'],
      env: ['HOME=/tmp'],
      user: '1000',
      workingDir: '/srv',
      ports: [4222],
      labels: { team: 'shop' },
    });
    await writeDockerArchive(archive, [image]);
    expect(config().config).toEqual({
      Entrypoint: ['/usr/bin/app'],
      Cmd: ['--serve'],
      Env: [expect.stringMatching(/^PATH=.*:\/usr\/bin:/), 'HOME=/tmp'],
      User: '1000',
      WorkingDir: '/srv',
      ExposedPorts: { '4222/tcp': {} },
      Labels: { team: 'shop' },
    });
  });

  it('holds several images and a layer that they share once', async () => {
    await writeDockerArchive(archive, [anImage('shop/app:1'), anImage('shop/app:2', { user: '7' })]);
    expect(manifest().map(({ RepoTags }) => RepoTags)).toEqual([['shop/app:1'], ['shop/app:2']]);
    const layers = tar('-tf', archive)
      .toString()
      .split('\n')
      .filter((name) => name.endsWith('layer.tar'));
    expect(layers).toHaveLength(1);
  });

  it('is not there at all where a file is missing', async () => {
    const image = anImage('shop/app:1', { files: [{ path: '/app', source: join(folder, 'no-such-file') }] });
    await expect(writeDockerArchive(archive, [image])).rejects.toThrow(/ENOENT.*no-such-file/);
    expect(readdirSync(folder)).toEqual(['program']);
  });

  it('replaces an older one only when it is complete', async () => {
    await writeDockerArchive(archive, [anImage()]);
    const before = readFileSync(archive);
    const broken = anImage('shop/app:2', { files: [{ path: '/app', source: join(folder, 'no-such-file') }] });
    await expect(writeDockerArchive(archive, [anImage(), broken])).rejects.toThrow(/ENOENT/);
    expect(readFileSync(archive).equals(before)).toBe(true);
    expect(existsSync(`${archive}.new`)).toBe(false);
  });
});
