import { type StoredObject } from '../../../kubernetes/object';
import { type Problem } from '../../../resources/parse';
import { type NatsServiceRoleStatus } from '../../../resources/nats-service-role/status';
import { type ServiceUser } from '../../../templates/nats-conf/service-users';

/** A ServiceAccount as the cache has it. */
export interface Account {
  readonly metadata: StoredObject['metadata'] & { readonly namespace: string };
}

/** A Secret with the token of a service account. */
export interface TokenSecret extends StoredObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** A NatsServiceRole as the API server returned it. */
export interface StoredRole extends StoredObject {
  readonly metadata: StoredObject['metadata'] & { readonly namespace: string; readonly generation: number };
  readonly status?: NatsServiceRoleStatus;
}

/** What a role's cluster says about service accounts. */
export type ClusterState =
  /** The role has no label that names one. */
  | { readonly is: 'unnamed' }
  | { readonly is: 'missing'; readonly name: string }
  /** Its spec can't be read: nothing is changed until it can. */
  | { readonly is: 'invalid'; readonly name: string }
  /** It takes no users from service accounts. */
  | { readonly is: 'off'; readonly name: string }
  /** It takes them, but for those whose name one of its own users has. */
  | {
      readonly is: 'on';
      readonly name: string;
      readonly taken: ReadonlySet<string>;
      /** Why its servers get no new tokens at present. */
      readonly held?: string;
      /** Whether all its servers run what they are to run, the tokens that they are to take included. */
      readonly settled: boolean;
    };

/** All that a role's plan is made from. */
export interface RoleSituation {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined where it is gone: then only its Secrets are left to be taken away. */
  readonly role?: StoredRole;
  /** What is wrong with its spec. */
  readonly problems: readonly Problem[];
  readonly permissions: ServiceUser['permissions'];
  readonly cluster: ClusterState;
  /** Whether all servers of the cluster are known to take the tokens that they are to take; it matters while a token before waits to go. */
  readonly loaded: boolean;
  /** The service accounts with the role's name, of all namespaces that are served. */
  readonly accounts: readonly Account[];
  /** The Secrets that are marked as the role's, and whatever has the name of one. */
  readonly secrets: readonly TokenSecret[];
}
