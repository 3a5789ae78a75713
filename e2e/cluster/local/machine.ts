import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { Failure } from '../failure';
import { bridgeNetwork, podNetwork, ports } from './layout';

const run = promisify(execFile);

/** A program that nodes need, and the Debian package that brings it. */
const needs: Record<string, string> = {
  '/usr/bin/containerd': 'containerd',
  '/usr/sbin/runc': 'runc',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  '/usr/sbin/nft': 'nftables',
  '/usr/sbin/iptables': 'iptables',
  '/usr/sbin/ip': 'iproute2',
  '/bin/busybox': 'busybox-static',
};

/** Throws a `Failure` where this machine can't run nodes: wrong system or not root. */
export function requireRoot(): void {
  const instead = 'use CLUSTER=kind with a container engine, or CLUSTER=existing with CLUSTER_KUBECONFIG';
  if (process.platform !== 'linux') throw new Failure(`the local cluster needs Linux: ${instead}`);
  if (process.getuid?.() !== 0)
    throw new Failure(`the local cluster needs root for its nodes: run as root, or ${instead}`);
}

/** Installs missing Debian packages. Throws a `Failure` that names them where that does not work. */
export async function installPackages(): Promise<void> {
  const missing = Object.entries(needs).flatMap(([path, name]) => (existsSync(path) ? [] : [name]));
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env, maxBuffer: 1e8 });
  } catch (error) {
    throw new Failure(`nodes need packages that could not be installed; try: ${command}`, { cause: error });
  }
}

/** Throws a `Failure` where a port of the control plane is taken. */
export async function requireFreePorts(): Promise<void> {
  for (const port of Object.values(ports)) {
    if (await answers(port)) throw new Failure(`port ${port} is taken: stop what listens there (ss -ltnp shows it)`);
  }
}

/** Throws a `Failure` where this machine reaches something else by the networks of nodes and pods: routes would collide. */
export async function requireFreeNetworks(): Promise<void> {
  for (const network of [bridgeNetwork, podNetwork]) {
    const { stdout } = await run('ip', ['route', 'show', 'root', network]);
    const [route] = stdout.trim().split('\n');
    if (route) throw new Failure(`network ${network} is taken by "${route.trim()}": remove that (ip route shows it)`);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
