import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { bridge, nodeLayout, type NodeLayout } from './layout';

const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args);

// A firewall or a container engine on the machine may drop what nodes send to each other and to the API server.
const rules = ['INPUT', 'FORWARD'].map((chain) => [chain, '-i', bridge.name, '-j', 'ACCEPT']);

/** Makes the bridge that nodes and control plane meet on. */
export async function makeBridge(): Promise<void> {
  await ip('link', 'add', bridge.name, 'type', 'bridge');
  await ip('addr', 'add', `${bridge.address}/${bridge.prefix}`, 'dev', bridge.name);
  await ip('link', 'set', bridge.name, 'up');
  for (const rule of rules) await run('iptables', ['-I', ...rule]);
}

/** Lays the cable from the bridge into the network namespace of process `pid`, where it is called eth0. */
export async function connectNode(node: NodeLayout, pid: number): Promise<void> {
  await ip('link', 'add', node.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
  await ip('link', 'set', node.link, 'master', bridge.name, 'up');
  // the machine itself reaches pods through their node: the API server's proxy, and tests
  await ip('route', 'replace', node.pods, 'via', node.address);
}

/** Commands that a node runs in its own network namespace once its cable is there. */
export function nodeNetworkCommands(node: NodeLayout, nodes: number): string[] {
  const others = Array.from({ length: nodes }, (_, index) => nodeLayout(index + 1)).filter(
    (other) => other.index !== node.index,
  );
  return [
    'ip link set lo up',
    `ip addr add ${node.address}/${bridge.prefix} dev eth0`,
    'ip link set eth0 up',
    `ip route add default via ${bridge.address}`,
    'echo 1 >/proc/sys/net/ipv4/ip_forward',
    ...others.map((other) => `ip route add ${other.pods} via ${other.address}`),
  ];
}

/** Pulls the cable out of a node: from then on it hears nothing and is not heard. */
export async function disconnectNode(node: NodeLayout): Promise<void> {
  await removeLink(node.link);
}

/** Removes bridge, cables and rules; the routes go with them. */
export async function removeBridge(): Promise<void> {
  for (let index = 1; index <= 9; index++) await removeLink(nodeLayout(index).link);
  await removeLink(bridge.name);
  for (const rule of rules) {
    while (await succeeds('iptables', ['-C', ...rule])) await run('iptables', ['-D', ...rule]);
  }
}

async function removeLink(name: string): Promise<void> {
  // the kernel may still be taking it down together with the namespace of its other end
  if (existsSync(`/sys/class/net/${name}`)) await succeeds('ip', ['link', 'del', name]);
}

function succeeds(program: string, args: string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  );
}
