import { eventually } from '../cluster/eventually';
import { natsBoxImage } from '../cluster/images/archives';
import { type Kubectl } from '../cluster/kubectl';

const root = '/var/lib/node-disks';
const namespace = 'node-disks';

/** Volumes on nodes that are as large as a test wants, and a class by which claims get them: one volume a node, each on a disk of its own. */
export class NodeDisks {
  constructor(
    private readonly kubectl: Kubectl,
    readonly storageClass: string,
  ) {}

  /** Makes a disk of so many MiB on each node, which claims take to be of `capacity`. */
  async make(sizes: ReadonlyMap<string, number>, capacity: string): Promise<void> {
    await this.remove();
    await this.kubectl.apply(
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
      },
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: this.storageClass },
        provisioner: 'kubernetes.io/no-provisioner',
        volumeBindingMode: 'WaitForFirstConsumer',
      },
    );
    // pods are refused until their namespace has its service account
    await eventually(60, () => this.kubectl.apply(...[...sizes].map(([node, size]) => this.keeper(node, size))));
    await this.kubectl.run('wait', '-n', namespace, 'pod', '--all', '--for=condition=Ready', '--timeout=90s');
    await this.kubectl.apply(...[...sizes.keys()].map((node) => this.volume(node, capacity)));
  }

  /** Makes the disk of a node larger, while it is in use. */
  async grow(node: string, size: number): Promise<void> {
    await this.inKeeper(node, 'mount', '-o', `remount,size=${size}m`, this.path);
  }

  async remove(): Promise<void> {
    const { kubectl, storageClass } = this;
    try {
      await kubectl.run('delete', 'pv', '-l', `node-disks=${storageClass}`, '--timeout=60s');
    } finally {
      await kubectl.run('delete', 'storageclass', storageClass, '--ignore-not-found');
      await kubectl.run('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s');
    }
  }

  /** The pod that mounts the disk, and takes it away when it ends. */
  private keeper(node: string, size: number): object {
    const { path } = this;
    const ready = `/bin/busybox mkdir -p ${path} && /bin/busybox mount -t tmpfs -o size=${size}m,mode=0777 tmpfs ${path}`;
    const script = `trap '/bin/busybox umount -l ${path}; exit 0' TERM; ${ready} && >/ready; while :; do /bin/busybox sleep 1; done`;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: node, namespace },
      spec: {
        nodeName: node,
        terminationGracePeriodSeconds: 10,
        containers: [
          {
            name: 'keeper',
            image: natsBoxImage,
            imagePullPolicy: 'IfNotPresent',
            command: ['/bin/busybox', 'sh', '-c', script],
            readinessProbe: { exec: { command: ['/bin/busybox', 'ls', '/ready'] }, periodSeconds: 1 },
            securityContext: { privileged: true },
            volumeMounts: [{ name: 'disks', mountPath: root, mountPropagation: 'Bidirectional' }],
          },
        ],
        volumes: [{ name: 'disks', hostPath: { path: root, type: 'DirectoryOrCreate' } }],
      },
    };
  }

  private volume(node: string, capacity: string): object {
    const here = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${this.storageClass}-${node}`, labels: { 'node-disks': this.storageClass } },
      spec: {
        capacity: { storage: capacity },
        accessModes: ['ReadWriteOnce'],
        storageClassName: this.storageClass,
        persistentVolumeReclaimPolicy: 'Retain',
        local: { path: this.path },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
      },
    };
  }

  private get path(): string {
    return `${root}/${this.storageClass}`;
  }

  private async inKeeper(node: string, ...command: string[]): Promise<void> {
    await this.kubectl.run('exec', '-n', namespace, node, '--', '/bin/busybox', ...command);
  }
}
