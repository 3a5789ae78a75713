import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../e2e/cluster/binaries/binaries';
import { Failure, runTool } from '../e2e/cluster/failure';
import { writeDockerArchive, type ImageFile } from '../e2e/cluster/images/docker-archive';
import { projectFolder } from '../e2e/cluster/project';
import { versions } from '../e2e/cluster/versions';
import { runSettings } from './contents';

const run = promisify(execFile);

/**
 * Writes dist/nats-operator-image.tar without a container engine: the same layout as the Dockerfile's. Node comes from its
 * npm package, the C library from this machine.
 */
void runTool(async () => {
  const node = await nodeBinary();
  const libraries = await librariesOf(node);
  const dist = join(projectFolder, 'dist');
  const crds = readdirSync(join(dist, 'crd')).map((name) => ({
    path: `/app/crd/${name}`,
    source: join(dist, 'crd', name),
    mode: 0o644,
  }));
  await writeDockerArchive(join(dist, 'nats-operator-image.tar'), [
    {
      references: [process.argv[2] ?? 'nats-operator:latest'],
      files: [
        { path: '/usr/local/bin/node', source: node },
        ...libraries,
        { path: '/app/nats-operator.js', source: join(dist, 'nats-operator.js'), mode: 0o644 },
        ...crds,
        { path: '/tmp', folder: true, mode: 0o1777 },
      ],
      ...runSettings,
    },
  ]);
});

/** Path of a Node for Linux, taken from the npm package that carries it and kept in the cache. */
async function nodeBinary(): Promise<string> {
  const name = `node-linux-${process.arch}`;
  const path = join(cacheFolder, 'bin', `${name}-${versions.node}`);
  if (existsSync(path)) return path;
  mkdirSync(join(cacheFolder, 'bin'), { recursive: true });
  const work = mkdtempSync(join(cacheFolder, 'node-'));
  try {
    await run('npm', ['pack', `${name}@${versions.node}`, '--silent', '--pack-destination', work]);
    const [archive = ''] = readdirSync(work);
    const digest = createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64');
    const wanted = versions.nodeIntegrity[process.arch as keyof typeof versions.nodeIntegrity];
    if (digest !== wanted) throw new Failure(`${name}@${versions.node} is not what it was: sha512 ${digest}`);
    await run('tar', ['xzf', join(work, archive), '-C', work, 'package/bin/node']);
    renameSync(join(work, 'package', 'bin', 'node'), path);
  } finally {
    rmSync(work, { recursive: true });
  }
  return path;
}

/** The shared libraries that a program loads, under the same paths. */
async function librariesOf(program: string): Promise<ImageFile[]> {
  const { stdout } = await run('ldd', [program]);
  const paths = [...stdout.matchAll(/(?<path>\/\S+) \(0x/g)].flatMap((match) => match.groups?.path ?? []);
  return paths.map((path) => ({ path, source: path, mode: 0o755 }));
}
