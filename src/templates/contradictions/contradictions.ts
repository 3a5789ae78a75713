import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { type Problem } from '../../resources/parse';
import { gatewayToItself, nameOfSuperCluster } from './gateways';
import { leafnodeUrls } from './leafnodes';
import { mqttStorage } from './mqtt';
import { ownPorts, takenPorts } from './ports';

/** What servers would refuse, or what would never work, though each field is valid by itself. One message a field. */
export function contradictions(cluster: NatsCluster): Problem[] {
  return [
    ...gatewayToItself(cluster),
    ...nameOfSuperCluster(cluster),
    ...ownPorts(cluster),
    ...takenPorts(cluster),
    ...leafnodeUrls(cluster),
    ...mqttStorage(cluster),
  ];
}
