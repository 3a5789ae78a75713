import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { configSecretName, selectorLabels } from './names';
import { natsConf } from './nats-conf/nats-conf';
import { type ServiceUser } from './nats-conf/service-users';
import { owned } from './owned';
import { type Secrets } from './secrets';

/** Key of the secret and name of the mounted file. */
export const configFile = 'nats.conf';

/** The secret with the configuration of all members. `secrets` are the user's own, as far as the spec refers to them. */
export function configSecret(cluster: NatsCluster, secrets: Secrets, serviceUsers: readonly ServiceUser[] = []) {
  return owned(cluster, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: configSecretName(cluster), labels: selectorLabels(cluster) },
    type: 'Opaque',
    data: { [configFile]: Buffer.from(natsConf(cluster, secrets, serviceUsers)).toString('base64') },
  });
}
