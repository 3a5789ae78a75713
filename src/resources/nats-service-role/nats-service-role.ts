import { type Metadata } from '../metadata';
import { Subjects } from '../schema/fields';
import { Section } from '../schema/sections';

/** What the users of this role may do. */
export class ServiceRolePermissions {
  /** Subjects that the users may publish to; without it, all. On change: reload. */
  @Subjects() publish?: string[];

  /** Subjects that the users may subscribe to; without it, all. On change: reload. */
  @Subjects() subscribe?: string[];
}

/** What a user made from a service account may do. */
export class NatsServiceRoleSpec {
  /** Subjects that the users may use. On change: reload. */
  @Section() permissions?: ServiceRolePermissions;
}

/**
 * Makes a user of each ServiceAccount that has this role's name, in every namespace that the operator sees. The label
 * `nats_cluster` names the cluster; the user's password is a token in Secret `<role>-<cluster>-bound-token`.
 */
export class NatsServiceRole {
  apiVersion!: string;
  kind!: 'NatsServiceRole';
  metadata!: Metadata;

  /** What the users of this role may do. */
  @Section() spec: NatsServiceRoleSpec = new NatsServiceRoleSpec();
}
