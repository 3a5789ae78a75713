import { join } from 'node:path';
import { dnsAddress, folder as clusterFolder, podNetwork, type NodeLayout } from './layout';
import { nodeNetworkCommands } from './network';

/** What a node's files are written from. */
export interface NodeInputs {
  layout: NodeLayout;
  /** Number of nodes in the cluster. */
  nodes: number;
  /** Path of the binary with all Kubernetes components. */
  kubernetes: string;
  /** Paths of kubeconfigs. */
  kubeconfigs: { kubelet: string; proxy: string };
  /** Path of the certificate that signed the certificates of the kubelet's clients. */
  clientAuthority: string;
}

/**
 * The script that is process 1 of a node: gives it memory and a disk of its own where its programs look for them, then
 * network, containerd, kubelet and kube-proxy.
 */
export function initScript({ layout, nodes, kubernetes, kubeconfigs }: NodeInputs): string {
  const { folder, name, address } = layout;
  const disk = join(folder, 'disk');
  const seen = join(disk, 'lib', clusterFolder.replace('/var/lib/', ''));
  return `#!/bin/bash
set -e
# in memory and empty after every start, as on a machine
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/lock
# on the node's disk, which a power cut spares; the machine's own /var/lib and /var/log are out of reach but for this cluster
mkdir -p ${seen} ${disk}/log
mount --bind ${clusterFolder} ${seen}
mount --rbind ${disk}/lib /var/lib
mount --bind ${disk}/log /var/log
# as systemd has it: what a privileged pod mounts is seen by the node
mount --make-rshared /
mkdir -p /var/lib/kubelet
until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done
${nodeNetworkCommands(layout, nodes).join('\n')}
# as systemd would: what ends is started again, such as a kubelet that finds containerd still recovering its pods
keep() {
  name=$1; shift
  while :; do "$@" >>${folder}/$name.log 2>&1 || true; sleep 0.2; done &
}
keep containerd containerd -c ${folder}/containerd.toml
until [ -S /run/containerd/containerd.sock ]; do sleep 0.05; done
keep kubelet ${kubernetes} kubelet --config=${folder}/kubelet.yaml --kubeconfig=${kubeconfigs.kubelet} \\
  --hostname-override=${name} --node-ip=${address}
keep kube-proxy ${kubernetes} kube-proxy --kubeconfig=${kubeconfigs.proxy} --hostname-override=${name} \\
  --proxy-mode=nftables --cluster-cidr=${podNetwork} --conntrack-max-per-core=0 \\
  --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0
wait
`;
}

/** containerd.toml of a node. The plugin that is off would make /opt/containerd on the machine. */
export function containerdConfig({ layout }: NodeInputs): string {
  return `version = 2
disabled_plugins = ["io.containerd.internal.v1.opt"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "local/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${layout.folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
}

/** List of CNI plugins of a node: one bridge with all its pods. */
export function cniConfig({ layout }: NodeInputs): object {
  const addresses = {
    type: 'host-local',
    // in memory: after a power cut no pod has an address any more
    dataDir: '/run/cni-addresses',
    ranges: [[{ subnet: layout.pods }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, hairpinMode: true, ipam: addresses },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

/** KubeletConfiguration of a node. */
export function kubeletConfig({ layout, clientAuthority }: NodeInputs): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: layout.cgroup,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    // the default is below /usr
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    clusterDNS: [dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: join(layout.folder, 'resolv.conf'),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: clientAuthority },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(layout.folder, 'kubelet.crt'),
    tlsPrivateKeyFile: join(layout.folder, 'kubelet.key'),
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    localStorageCapacityIsolation: false,
    nodeStatusUpdateFrequency: '5s',
  };
}
