import { type Cluster } from './cluster';
import { LocalCluster } from './local/local-cluster';

/** The cluster that the environment asks for (see `chooseProvider`). */
export function currentCluster(): Promise<Cluster> {
  return Promise.resolve(new LocalCluster());
}
