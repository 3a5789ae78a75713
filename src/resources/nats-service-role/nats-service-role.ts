import { type Metadata } from '../metadata';
import { Subjects } from '../schema/fields';
import { Section } from '../schema/sections';
import { NatsServiceRoleStatus } from './status';

/** What the users of this role may do. */
export class ServiceRolePermissions {
  /** Subjects that the users may publish to; without any, all. On change: reload. */
  @Subjects() publish?: string[];

  /** Subjects that the users may subscribe to; without any, all. On change: reload. */
  @Subjects() subscribe?: string[];
}

/** What a user made from a service account may do. */
export class NatsServiceRoleSpec {
  /** Subjects that the users may use. On change: reload. */
  @Section() permissions?: ServiceRolePermissions;
}

/**
 * Makes a user of each ServiceAccount that has this role's name, in every namespace that the operator serves. The label
 * `nats_cluster` names the cluster, in the role's namespace; the user's password is a token in Secret
 * `<role>-<cluster>-bound-token` beside the service account.
 */
export class NatsServiceRole {
  apiVersion!: string;
  kind!: 'NatsServiceRole';
  metadata!: Metadata;

  /** What the users of this role may do. */
  @Section() spec: NatsServiceRoleSpec = new NatsServiceRoleSpec();

  /** What became of the role. */
  @Section() status?: NatsServiceRoleStatus;
}
