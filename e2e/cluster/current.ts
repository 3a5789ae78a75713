import { type Cluster } from './cluster';
import { ExistingCluster } from './existing';
import { engineAnswers } from './kind/container-engine';
import { KindCluster } from './kind/kind-cluster';
import { LocalCluster } from './local/local-cluster';
import { chooseProvider, type Provider } from './provider';

const clusters: Record<Provider, new () => Cluster> = {
  existing: ExistingCluster,
  kind: KindCluster,
  local: LocalCluster,
};

/** The cluster that the environment asks for (see `chooseProvider`). */
export async function currentCluster(): Promise<Cluster> {
  return new clusters[await chooseProvider(process.env, engineAnswers)]();
}
