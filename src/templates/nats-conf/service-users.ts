/** A user made from a service account: see NatsServiceRole. */
export interface ServiceUser {
  readonly name: string;
  /** The bound token. It goes into nats.conf and nowhere else. */
  readonly password: string;
  /** Subjects of the role; without a list the user may use what users without permissions of their own may. */
  readonly permissions?: {
    readonly publish?: readonly string[];
    readonly subscribe?: readonly string[];
  };
}
