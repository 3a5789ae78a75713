import { join } from 'node:path';

/** Where the local cluster keeps everything: one place for all checkouts, as there is only one such cluster on a machine. */
export const folder = '/var/lib/nats-operator-e2e';

/** TCP ports of the control plane; high ones, so that they meet no Kubernetes that the machine runs for other reasons. */
export const ports = { api: 16443, etcd: 12379, etcdPeer: 12380 };

/** The network between the machine and its nodes. */
export const bridge = { name: 'nko0', address: '10.89.0.1', prefix: 24 };
export const bridgeNetwork = '10.89.0.0/24';

/** Address of the cluster's DNS service, inside the control plane's service network. */
export const dnsAddress = '10.96.0.10';

/** All pods of the cluster, as one network. */
export const podNetwork = '10.244.0.0/16';

/** What tells one node from the others. `index` counts from 1. */
export interface NodeLayout {
  name: string;
  index: number;
  folder: string;
  /** Its address on the bridge. */
  address: string;
  /** Network of its pods. */
  pods: string;
  /** The machine's end of the cable between bridge and node. */
  link: string;
  /** Below each cgroup hierarchy. */
  cgroup: string;
}

export const cgroup = '/nats-operator-e2e';

/** The layout of node number `index`, which counts from 1 to 9. */
export function nodeLayout(index: number): NodeLayout {
  const name = `node${index}`;
  return {
    name,
    index,
    folder: join(folder, name),
    address: `10.89.0.${10 + index}`,
    pods: `10.244.${index}.0/24`,
    link: `nko-${name}`,
    cgroup: `${cgroup}/${name}`,
  };
}
