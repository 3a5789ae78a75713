/** A node of a test cluster, by the name that Kubernetes knows it by. */
export type NodeName = string;

/** A Kubernetes cluster for end-to-end tests. Each method is safe to call again after it was cut off half way. */
export interface Cluster {
  /** Brings the cluster up with `nodes` Ready nodes, cluster DNS and a default StorageClass; returns at once if it is up. */
  up(nodes: number): Promise<void>;

  /** Takes the cluster down and leaves nothing of it behind. */
  down(): Promise<void>;

  /** Puts the images of a docker archive (a tar as `docker save` writes it) on every node. */
  loadImage(archive: string): Promise<void>;

  /** Path of a kubeconfig file with cluster-admin rights. */
  kubeconfig(): string;

  /** The nodes, in a stable order. */
  nodes(): Promise<NodeName[]>;

  /** Makes a node vanish as in a power cut: kubelet, containers and network stop; its Node object stays. */
  stopNode(node: NodeName): Promise<void>;

  /** Brings a stopped node back. */
  startNode(node: NodeName): Promise<void>;
}
