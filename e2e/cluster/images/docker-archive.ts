import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Header, type Pack } from 'tar-stream';

/** A file, a symbolic link or an empty folder of an image; `path` is absolute. Owned by root, as in most images. */
export type ImageFile =
  | { path: string; source: string; mode?: number }
  | { path: string; content: string; mode?: number }
  | { path: string; link: string }
  | { path: string; folder: true; mode?: number };

/** An image to write. */
export interface Image {
  /** Names with tags, such as `nats:2.15.2`. */
  references: string[];
  files: ImageFile[];
  entrypoint: string[];
  cmd?: string[];
  /** `NAME=value` beside PATH. */
  env?: string[];
  user?: string;
  workingDir?: string;
  /** TCP ports. */
  ports?: number[];
  labels?: Record<string, string>;
}

/** The search path of an image that sets none (moby oci/defaults.go). */
export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const epoch = new Date(0);

/**
 * Writes images as one docker archive, as `docker save` does, for `docker load`, `ctr images import` and
 * `kind load image-archive`. The same input gives the same bytes. Format: moby image/spec/spec.md, version 1.2.
 */
export async function writeDockerArchive(path: string, images: Image[]): Promise<void> {
  // fixed names: what a killed run left is overwritten by the next
  const partial = `${path}.new`;
  const layer = `${path}.layer`;
  try {
    await writeTar(partial, (archive) => addImages(archive, images, layer));
    await rename(partial, path);
  } finally {
    await rm(layer, { force: true });
    await rm(partial, { force: true });
  }
}

async function addImages(archive: Pack, images: Image[], layer: string): Promise<void> {
  const manifest = [];
  const layers = new Set<string>();
  for (const image of images) {
    const id = await writeTar(layer, (tar) => addFiles(tar, image.files));
    if (!layers.has(id)) await addFile(archive, `${id}/layer.tar`, layer);
    layers.add(id);
    const config = JSON.stringify(imageConfig(image, id));
    const name = `${sha256(config)}.json`;
    await addText(archive, name, config);
    manifest.push({ Config: name, RepoTags: image.references, Layers: [`${id}/layer.tar`] });
  }
  await addText(archive, 'manifest.json', JSON.stringify(manifest));
}

function imageConfig(
  { entrypoint, cmd, env = [], user, workingDir, ports = [], labels }: Image,
  layer: string,
): object {
  return {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    created: epoch.toISOString(),
    config: {
      Env: env.some((entry) => entry.startsWith('PATH=')) ? env : [defaultPath, ...env],
      Entrypoint: entrypoint,
      Cmd: cmd,
      User: user,
      WorkingDir: workingDir,
      ExposedPorts: Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])),
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
    history: [{ created: epoch.toISOString(), comment: 'written without a container engine' }],
  };
}

/** Writes a tar with the entries that `fill` adds and returns its sha256. Holds no more than a chunk of it in memory. */
async function writeTar(path: string, fill: (tar: Pack) => Promise<void>): Promise<string> {
  const tar = pack();
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const filled = fill(tar).then(
    () => {
      tar.finalize();
    },
    (error: unknown) => {
      tar.destroy();
      throw error;
    },
  );
  await Promise.all([filled, pipeline(tar, hashing, createWriteStream(path))]);
  return hash.digest('hex');
}

async function addFiles(layer: Pack, files: ImageFile[]): Promise<void> {
  const folders = new Set<string>();
  for (const file of files) {
    await addFolders(layer, dirname(file.path), folders);
    const name = file.path.slice(1);
    if ('link' in file) await addEntry(layer, { name, type: 'symlink', linkname: file.link });
    else if ('folder' in file) {
      folders.add(file.path);
      await addEntry(layer, { name, type: 'directory', mode: file.mode ?? 0o755 });
    } else if ('content' in file) await addText(layer, name, file.content, file.mode);
    else await addFile(layer, name, file.source, file.mode ?? 0o755);
  }
}

async function addFolders(tar: Pack, folder: string, known: Set<string>): Promise<void> {
  if (folder === '/' || known.has(folder)) return;
  await addFolders(tar, dirname(folder), known);
  known.add(folder);
  await addEntry(tar, { name: folder.slice(1), type: 'directory', mode: 0o755 });
}

async function addFile(tar: Pack, name: string, source: string, mode = 0o644): Promise<void> {
  const { size } = await stat(source);
  await new Promise<void>((resolve, reject) => {
    const entry = tar.entry({ name, size, mode, mtime: epoch }, (error) => {
      if (error) reject(error);
      else resolve();
    });
    createReadStream(source).on('error', reject).pipe(entry);
  });
}

function addText(tar: Pack, name: string, content: string, mode = 0o644): Promise<void> {
  return addEntry(tar, { name, mode }, content);
}

function addEntry(tar: Pack, headers: Partial<Header> & { name: string }, content = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ ...headers, mtime: epoch }, content, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
