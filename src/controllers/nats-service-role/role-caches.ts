import { type Cache } from '../../kubernetes/cache-store';
import { type CacheRequest, type Caches } from '../../kubernetes/caches';
import { keyText, type StoredObject } from '../../kubernetes/object';
import { kinds } from '../../kubernetes/resource-kind';
import { clusterLabel } from '../../templates/names';
import { roleNamespaceLabel } from '../../templates/token-secret';
import { natsServiceRoleKind } from './kind';
import { type Account, type StoredRole, type TokenSecret } from './plan/situation';
import { roleOf } from './plan/tokens';

const byName = 'name';
const byRole = 'role';
const byRolesCluster = 'cluster';

/** What roles are made from, as both controllers see it: that of roles, and that of clusters, which have their users. */
export const roleRequests = {
  roles: {
    kind: natsServiceRoleKind,
    indexes: { [byName]: ({ metadata }) => [metadata.name], [byRolesCluster]: clusterOf },
  },
  accounts: {
    kind: kinds.serviceAccount,
    metadataOnly: true,
    indexes: { [byName]: ({ metadata }) => [metadata.name] },
    shape: accountShape,
  },
  secrets: { kind: kinds.secret, labelSelector: roleNamespaceLabel, indexes: { [byRole]: rolesOfSecret } },
} as const satisfies Record<string, CacheRequest>;

/** Roles, service accounts and Secrets with tokens. */
export class RoleCaches {
  private readonly roles: Cache<StoredRole>;
  private readonly accounts: Cache<StoredObject & Account>;
  private readonly secrets: Cache<TokenSecret>;

  constructor(caches: Caches) {
    this.roles = caches.of<StoredRole>(roleRequests.roles);
    this.accounts = caches.of<StoredObject & Account>(roleRequests.accounts);
    this.secrets = caches.of<TokenSecret>(roleRequests.secrets);
  }

  role(key: { readonly namespace?: string; readonly name: string }): StoredRole | undefined {
    return this.roles.get(key);
  }

  /** The roles of that name, of all namespaces. */
  rolesNamed(name: string): StoredRole[] {
    return this.roles.byIndex(byName, name);
  }

  /** The roles of a cluster. */
  rolesOfCluster(key: { readonly namespace?: string; readonly name: string }): StoredRole[] {
    return this.roles.byIndex(byRolesCluster, keyText(key));
  }

  /** The service accounts that are there to stay, of all namespaces. */
  accountsNamed(name: string): Account[] {
    return this.accounts.byIndex(byName, name).filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  /** The Secrets that are marked as those of a role. */
  secretsOf(key: { readonly namespace?: string; readonly name: string }): TokenSecret[] {
    return this.secrets.byIndex(byRole, keyText(key));
  }
}

/** Keys of the cluster that a role names, as text. */
export function clusterOf({ metadata: { namespace, labels } }: StoredObject): string[] {
  const name = labels?.[clusterLabel];
  return name ? [keyText({ namespace, name })] : [];
}

function rolesOfSecret(secret: StoredObject): string[] {
  const role = roleOf(secret);
  return role ? [keyText(role)] : [];
}

/** There are as many service accounts as applications, and only who they are matters. */
function accountShape({ apiVersion, kind, metadata }: StoredObject): StoredObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp },
  };
}
