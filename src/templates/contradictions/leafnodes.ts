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

/** Servers before 2.2.0 have no system account of their own (server/leafnode.go, validateLeafNode). */
export function systemAccount({ spec }: NatsCluster): Problem[] {
  const { gatewayConfig, leafnodeConfig, version, config, operatorConfig } = spec;
  const isThere = config?.system_account !== undefined || operatorConfig?.systemAccount;
  if (!gatewayConfig || !leafnodeConfig || has(version, 'systemAccount') || isThere) return [];
  const message = `together with gatewayConfig needs a system account, which servers have by themselves since ${since.systemAccount}: upgrade, or set spec.config.system_account`;
  return [{ field: 'spec.leafnodeConfig', message }];
}
