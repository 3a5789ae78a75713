import { Condition } from '../nats-cluster/status';
import { Count, Text } from '../schema/fields';
import { Sections } from '../schema/sections';

/** A service account and the user that was made of it. */
export class ServiceUserStatus {
  /** Namespace of the service account and of the Secret with its token. */
  @Text({ required: true }) namespace!: string;

  /** User name that holds whatever other namespaces do: `<namespace>_<role>`. */
  @Text({ required: true }) user!: string;

  /** The other name of the user, that of the role; only the oldest service account of all namespaces has it. */
  @Text() alias?: string;

  /** Secret with the token. */
  @Text() secret?: string;

  /** When the token expires, RFC 3339; it is renewed well before. */
  @Text({ max: 64 }) tokenExpires?: string;
}

/** What became of the role. */
export class NatsServiceRoleStatus {
  /** The `metadata.generation` that this status is about. */
  @Count({ max: Number.MAX_SAFE_INTEGER }) observedGeneration?: number;

  /** The users by namespace. */
  @Sections(() => ServiceUserStatus, { key: 'namespace', max: 10_000 }) users?: ServiceUserStatus[];

  /** Ready: whether every service account of the role has its user, and if not, what to do. */
  @Sections(() => Condition, { max: 64 }) conditions?: Condition[];
}
