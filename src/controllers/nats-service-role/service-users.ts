import { type Caches } from '../../kubernetes/caches';
import { type CacheEvent } from '../../kubernetes/cache-store';
import { parseKey, type StoredObject } from '../../kubernetes/object';
import { type ServiceUser } from '../../templates/nats-conf/service-users';
import { type Watched } from '../controller';
import { observeRole } from './observe';
import { type StoredRole } from './plan/situation';
import { roleOf } from './plan/tokens';
import { nobody, serviceUsers } from './plan/users';
import { clusterOf, RoleCaches, roleRequests } from './role-caches';

/** What the controller of clusters needs of roles: the users of a cluster, and when they change. */
export class ServiceUsers {
  /** Lead to the clusters whose users may have changed. */
  readonly watches: readonly Watched[];
  private readonly caches: RoleCaches;

  constructor(caches: Caches) {
    this.caches = new RoleCaches(caches);
    const { roles, accounts, secrets } = roleRequests;
    this.watches = [
      { ...roles, keysOf: ({ object, before }) => clusters([object, before]) },
      { ...accounts, keysOf: ({ object }) => clusters(this.caches.rolesNamed(object.metadata.name)) },
      { ...secrets, keysOf: (event) => clusters(this.rolesOfSecret(event)) },
    ];
  }

  /** The users that roles make in a cluster that takes them, in an order that does not change by itself. */
  of(cluster: StoredObject): ServiceUser[] {
    const roles = this.caches.rolesOfCluster(cluster.metadata);
    const sorted = [...roles].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    return [
      nobody,
      ...sorted.flatMap((role) => serviceUsers(observeRole(this.caches, role.metadata, () => cluster, 0))),
    ];
  }

  private rolesOfSecret({ object, before }: CacheEvent): (StoredRole | undefined)[] {
    return [object, before].flatMap((secret) => {
      const role = secret && roleOf(secret);
      return role ? [this.caches.role(role)] : [];
    });
  }
}

/** The clusters that roles name. */
function clusters(roles: readonly (StoredObject | undefined)[]): ReturnType<Watched['keysOf']> {
  const names = roles.flatMap((role) => (role ? clusterOf(role) : []));
  return [...new Set(names)].map((name) => ({ key: parseKey(name) }));
}
