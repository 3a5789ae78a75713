import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

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

/** Removes a cgroup and all below it, whose processes must be gone. */
export function removeCgroup(path: string): void {
  for (const hierarchy of hierarchies()) removeFolder(join(hierarchy, path));
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

function removeFolder(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeFolder(join(folder, entry.name));
  }
  rmdirSync(folder);
}
