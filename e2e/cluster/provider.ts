import { Failure } from './failure';

export const providers = ['existing', 'kind', 'local'] as const;

/** Where a test cluster comes from: a cluster that somebody else runs, kind in containers, or network namespaces of this machine. */
export type Provider = (typeof providers)[number];

/**
 * The provider that the environment asks for: `CLUSTER`, else `existing` where `CLUSTER_KUBECONFIG` names a cluster, else
 * kind where a container engine answers, else local. Throws a `Failure` for a value of `CLUSTER` that is none of them.
 */
export async function chooseProvider(
  env: { CLUSTER?: string; CLUSTER_KUBECONFIG?: string },
  engineAnswers: () => Promise<boolean>,
): Promise<Provider> {
  if (env.CLUSTER) return known(env.CLUSTER);
  if (env.CLUSTER_KUBECONFIG) return 'existing';
  return (await engineAnswers()) ? 'kind' : 'local';
}

/** Whether tests may stop and start the nodes of the cluster that `chooseProvider` chooses. */
export function nodesAreOurs(env: { CLUSTER?: string; CLUSTER_KUBECONFIG?: string }): boolean {
  return env.CLUSTER ? env.CLUSTER !== 'existing' : !env.CLUSTER_KUBECONFIG;
}

function known(name: string): Provider {
  const provider = providers.find((candidate) => candidate === name);
  if (!provider) throw new Failure(`CLUSTER=${name} is unknown: use ${providers.join(', ')}, or leave it empty`);
  return provider;
}
