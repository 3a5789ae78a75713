import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { type Secrets } from '../secrets';
import { type Block } from './nats-conf';
import { type ServiceUser } from './service-users';

/** Who may connect as a client; undefined where everyone may. */
export function authorizationBlock(
  { spec }: NatsCluster,
  _secrets: Secrets,
  serviceUsers: readonly ServiceUser[],
): Block | undefined {
  if (!spec.auth?.enableServiceAccounts) return undefined;
  return {
    users: serviceUsers.map(({ name, password, permissions }) => ({ user: name, password, permissions })),
  };
}
