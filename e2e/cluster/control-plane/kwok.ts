import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { binaries } from '../binaries/binaries';
import { Daemon } from '../processes/daemon';
import { projectFolder } from '../project';
import { type ControlPlane } from './control-plane';

/**
 * Adds `count` nodes that only exist in the API (https://kwok.sigs.k8s.io): the scheduler binds pods to them, and KWOK
 * moves each pod to Running and Ready at once, with an address of `podNetwork`. Returns the KWOK process; a temporary control
 * plane stops it at its end.
 */
export async function addKwokNodes(
  controlPlane: ControlPlane,
  count: number,
  { podNetwork = '10.244.0.0/16' } = {},
): Promise<Daemon> {
  const { kwok } = await binaries('kwok');
  const nodes = join(controlPlane.folder, 'kwok-nodes.yaml');
  writeFileSync(nodes, Array.from({ length: count }, (_, index) => stringify(node(`kwok-${index}`))).join('---\n'));
  await controlPlane.kubectl('apply', '--server-side', '-f', nodes);
  const daemon = new Daemon({
    name: 'kwok',
    folder: controlPlane.folder,
    command: [
      kwok,
      `--config=${join(projectFolder, 'e2e', 'cluster', 'control-plane', 'kwok-stages.yaml')}`,
      `--kubeconfig=${controlPlane.kubeconfig}`,
      '--manage-all-nodes=true',
      `--cidr=${podNetwork}`,
      '--node-ip=10.0.0.1',
      '--node-lease-duration-seconds=40',
    ],
    ready: async () => (await controlPlane.kubectl('get', 'nodes')).split(' Ready ').length > count,
  });
  await daemon.start();
  return daemon;
}

function node(name: string): object {
  const capacity = { cpu: '1k', memory: '10Ti', pods: '10k' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', type: 'kwok' },
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
    },
    status: { allocatable: capacity, capacity },
  };
}
