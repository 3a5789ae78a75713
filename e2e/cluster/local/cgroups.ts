import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = '/sys/fs/cgroup';

/** Makes a cgroup in every hierarchy, with the controllers that the kubelet's pods need. Version 1, hybrid, and version 2. */
export function makeCgroup(path: string): void {
  for (const hierarchy of hierarchies()) {
    const folder = join(hierarchy, path);
    mkdirSync(folder, { recursive: true });
    // version 1: a cpuset without cpus and memory nodes takes no process, and does not inherit them
    for (const file of ['cpuset.cpus', 'cpuset.mems']) inherit(hierarchy, folder, file);
    if (existsSync(join(hierarchy, 'cgroup.controllers'))) delegate(hierarchy, folder);
  }
}

/** Removes a cgroup and all below it. Its processes may still be dying: it waits for them, for 10 seconds at most. */
export async function removeCgroup(path: string): Promise<void> {
  for (const hierarchy of hierarchies()) await removeFolder(join(hierarchy, path), Date.now() + 10_000);
}

function hierarchies(): string[] {
  if (existsSync(join(root, 'cgroup.controllers'))) return [root];
  // links such as cpu -> cpu,cpuacct would name a hierarchy twice
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isDirectory() && existsSync(join(path, 'cgroup.procs')));
}

function inherit(hierarchy: string, folder: string, file: string): void {
  if (folder === hierarchy || !existsSync(join(folder, file)) || existsSync(join(hierarchy, 'cgroup.controllers')))
    return;
  inherit(hierarchy, dirname(folder), file);
  const own = join(folder, file);
  if (readFileSync(own, 'utf8').trim() === '') writeFileSync(own, readFileSync(join(dirname(folder), file), 'utf8'));
}

// Version 2: a controller works in a cgroup only where each one above it hands it down.
function delegate(hierarchy: string, folder: string): void {
  const controllers = readFileSync(join(hierarchy, 'cgroup.controllers'), 'utf8').trim().split(' ').filter(Boolean);
  const above = [];
  for (let at = dirname(folder); at.length >= hierarchy.length; at = dirname(at)) above.unshift(at);
  for (const at of above) {
    for (const name of controllers) writeFileSync(join(at, 'cgroup.subtree_control'), `+${name}`);
  }
}

async function removeFolder(folder: string, patience: number): Promise<void> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeFolder(join(folder, entry.name), patience);
  }
  for (;;) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || Date.now() > patience) throw error;
    }
    await sleep(50);
  }
}
