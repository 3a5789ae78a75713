import { type Controllers } from '../operator';
import { NatsClusterController } from './nats-cluster/controller';
import { NatsServiceRoleController } from './nats-service-role/controller';

/** All controllers of the operator: one line registers one. */
export const controllers: Controllers = (tools) => [
  new NatsClusterController(tools),
  new NatsServiceRoleController(tools),
];
