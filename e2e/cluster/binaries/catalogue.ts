import { natsVersions, versions, type NatsVersion } from '../versions';

/** How one binary is made from Go modules. */
export interface Recipe {
  /** Name for people: what and which version. */
  title: string;
  /** Main package; with `@version` where it is installed straight from its module. */
  package: string;
  /** Folder below `go/` with the go.mod that the package is built in; needed where a module has `replace` rules or no go.mod. */
  module?: string;
  /** `name=value` strings that the linker sets, for `--version`. */
  stamps?: string[];
  /** Rough time on 2 cores without any cache, so that people know what they wait for. */
  coldMinutes?: number;
}

const kubernetesVersion = 'k8s.io/component-base/version';
const [major = '', minor = ''] = versions.kubernetes.slice(1).split('.');

const tools = {
  kubernetes: {
    title: `Kubernetes ${versions.kubernetes}`,
    package: '.',
    module: 'kubernetes',
    stamps: [
      `${kubernetesVersion}.gitVersion=${versions.kubernetes}`,
      `${kubernetesVersion}.gitMajor=${major}`,
      `${kubernetesVersion}.gitMinor=${minor}`,
    ],
    coldMinutes: 9,
  },
  etcd: { title: `etcd ${versions.etcd}`, package: 'go.etcd.io/etcd/server/v3', module: 'etcd' },
  coredns: {
    title: `CoreDNS ${versions.coredns}`,
    package: `github.com/coredns/coredns@${versions.coredns}`,
    coldMinutes: 3,
  },
  kwok: { title: `KWOK ${versions.kwok}`, package: `sigs.k8s.io/kwok/cmd/kwok@${versions.kwok}`, coldMinutes: 2 },
  pause: { title: 'pause', package: '.', module: 'pause' },
  sidecars: { title: 'stand-ins of sidecars', package: '.', module: 'sidecars' },
  'local-path-provisioner': {
    title: `local-path-provisioner ${versions.localPathProvisioner}`,
    package: `github.com/rancher/local-path-provisioner@${versions.localPathProvisioner}`,
  },
  kind: { title: `kind ${versions.kind}`, package: `sigs.k8s.io/kind@${versions.kind}` },
  nats: { title: `NATS CLI ${versions.natsCli}`, package: `github.com/nats-io/natscli/nats@${versions.natsCli}` },
} satisfies Record<string, Recipe>;

/** Name of a binary that tests may ask for. */
export type BinaryName = keyof typeof tools | `nats-server-${NatsVersion}`;

/** The recipe of each binary. */
export const catalogue: ReadonlyMap<BinaryName, Recipe> = new Map<BinaryName, Recipe>([
  ...(Object.entries(tools) as [keyof typeof tools, Recipe][]),
  ...natsVersions.map((version): [BinaryName, Recipe] => [`nats-server-${version}`, natsServer(version)]),
]);

// Before 2.0 the server was called gnatsd and had no go.mod.
function natsServer(version: NatsVersion): Recipe {
  const title = `nats-server ${version}`;
  if (version.startsWith('1.')) return { title, package: 'github.com/nats-io/gnatsd', module: 'gnatsd' };
  return { title, package: `github.com/nats-io/nats-server/v2@v${version}` };
}
