import { has, since } from '../../nats/capabilities';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { type Problem } from '../../resources/parse';
import { remoteUrls } from '../nats-conf/leafnodes';

/** The first versions know one URL of a remote only. */
export function leafnodeUrls({ spec }: NatsCluster): Problem[] {
  if (has(spec.version, 'leafnodeUrls')) return [];
  return (spec.leafnodeConfig?.remotes ?? []).flatMap((remote, index) =>
    remoteUrls(remote).length > 1
      ? [
          {
            field: `spec.leafnodeConfig.remotes[${index}].urls`,
            message: `more than one URL needs nats-server ${since.leafnodeUrls} or newer, and spec.version is ${spec.version}: keep one, or upgrade`,
          },
        ]
      : [],
  );
}
