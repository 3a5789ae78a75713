import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { binaries, cacheFolder } from '../binaries/binaries';
import { withLock } from '../binaries/lock';
import { natsVersions, versions } from '../versions';
import { defaultPath, writeDockerArchive, type Image } from './docker-archive';

/** Names of the images that nodes of the local cluster need themselves. */
export const systemImages = {
  pause: 'docker.io/local/pause:1',
  coredns: `docker.io/local/coredns:${versions.coredns}`,
  provisioner: `docker.io/local/local-path-provisioner:${versions.localPathProvisioner}`,
  busybox: 'docker.io/local/busybox:1',
} as const;

/** Image with the NATS command line client, for pods that act as clients. */
export const natsCliImage = `local/nats-cli:${versions.natsCli}`;

/** Image of what stands in for the reloader of configs and the exporter of metrics, so that tests need no foreign images; name and tag. */
export const sidecarImage = ['local/sidecars', '1'] as const;

/** What stands in for the image that README.md uses: a shell and the NATS client, as in https://github.com/nats-io/nats-box. */
export const natsBoxImage = 'natsio/nats-box:0.18.0';

const commands = ['sh', 'mkdir', 'rm', 'ls', 'cat', 'sleep', 'wget', 'nslookup', 'nc'];
const busybox = [
  { path: '/bin/busybox', source: '/bin/busybox' },
  ...commands.map((name) => ({ path: `/bin/${name}`, link: 'busybox' })),
];

/** Path of a docker archive with `systemImages`. */
export async function systemArchive(): Promise<string> {
  const built = await binaries('pause', 'coredns', 'local-path-provisioner');
  const program = (reference: string, path: string, source: string): Image => ({
    references: [reference],
    files: [{ path, source }],
    entrypoint: [path],
  });
  return archive('system', [
    program(systemImages.pause, '/pause', built.pause),
    program(systemImages.coredns, '/coredns', built.coredns),
    program(systemImages.provisioner, '/usr/bin/local-path-provisioner', built['local-path-provisioner']),
    {
      references: [systemImages.busybox],
      files: busybox,
      entrypoint: [],
      cmd: ['sh'],
    },
  ]);
}

/**
 * Path of a docker archive with the images that tests run: the NATS servers under their official names, and the NATS client.
 */
export async function testArchive(): Promise<string> {
  const { nats, sidecars } = await binaries('nats', 'sidecars');
  const servers: Image[] = [];
  for (const version of natsVersions) {
    const name = `nats-server-${version}` as const;
    const { [name]: source } = await binaries(name);
    servers.push(natsServerImage(version, source));
  }
  return archive('test', [
    ...servers,
    {
      references: [natsCliImage],
      files: [
        { path: '/nats', source: nats },
        { path: '/tmp', folder: true, mode: 0o1777 },
      ],
      entrypoint: ['/nats'],
      env: ['HOME=/tmp', 'USER=nats'], // without a user and a home it panics
    },
    {
      references: [sidecarImage.join(':')],
      files: [
        // found by its name, as in the images of both that the operator comes with and those of nats-operator 0.8
        { path: '/usr/local/bin/nats-server-config-reloader', source: sidecars },
        { path: '/prometheus-nats-exporter', source: sidecars },
      ],
      entrypoint: ['/prometheus-nats-exporter'],
      env: [defaultPath],
    },
    {
      references: [natsBoxImage],
      files: [...busybox, { path: '/usr/local/bin/nats', source: nats }, { path: '/tmp', folder: true, mode: 0o1777 }],
      entrypoint: [],
      cmd: ['sh'],
      env: [defaultPath, 'HOME=/tmp', 'USER=nats'],
    },
  ]);
}

/**
 * A NATS server's image as the official one from scratch is (https://github.com/nats-io/nats-docker, `amd64/` of 1.0.4,
 * `2.*.x/scratch/`), so that what runs with it runs with the official one: entry point, search path, default config.
 */
export function natsServerImage(version: string, source: string): Image {
  const old = version.startsWith('1.');
  const name = old ? 'gnatsd' : 'nats-server';
  return {
    references: [`nats:${version}`],
    files: [
      { path: `/${name}`, source },
      { path: `/${name}.conf`, content: 'port: 4222\nmonitor_port: 8222\ncluster { port: 6222 }\n' },
    ],
    entrypoint: [`/${name}`],
    cmd: [old ? '-c' : '--config', `${name}.conf`],
    // since 2.0 a pod may also name the program itself, and `kubectl exec` find it
    env: old ? [] : [`${defaultPath}:/`],
    workingDir: '/',
    ports: [4222, 8222, 6222],
  };
}

// Named by what is in it: paths of binaries hold the hash of their recipe.
async function archive(name: string, images: Image[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(images)).digest('hex').slice(0, 12);
  const folder = join(cacheFolder, 'images');
  const path = join(folder, `${name}-${hash}.tar`);
  await mkdir(folder, { recursive: true });
  await withLock(`${path}.lock`, async () => {
    if (!existsSync(path)) await writeDockerArchive(path, images);
  });
  return path;
}
