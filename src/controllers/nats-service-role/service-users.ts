import { createHash } from 'node:crypto';
import { type ApiClient } from '../../kubernetes/api-client';
import { type Caches } from '../../kubernetes/caches';
import { type CacheEvent } from '../../kubernetes/cache-store';
import { parseKey, type StoredObject } from '../../kubernetes/object';
import { kinds } from '../../kubernetes/resource-kind';
import { type ServiceUser } from '../../templates/nats-conf/service-users';
import { type Watched } from '../controller';
import { observeRole } from './observe';
import { type RoleSituation, type StoredRole, type TokenSecret } from './plan/situation';
import { roleOf } from './plan/tokens';
import { absentSecrets, serviceUsers, tokensInForce } from './plan/users';
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

  /**
   * The users that roles make in a cluster that takes them, in an order that does not change by itself. `unmarked` are Secrets
   * that the caches do not show.
   */
  of(cluster: StoredObject, unmarked: readonly TokenSecret[] = []): ServiceUser[] {
    return this.situationsOf(cluster).flatMap((seen) =>
      serviceUsers({ ...seen, secrets: [...seen.secrets, ...unmarked] }),
    );
  }

  /**
   * Secrets with tokens that the caches do not show, as nats-operator 0.8 left them: nats.conf may be written before their roles
   * have marked them, and must not lose their users.
   */
  async unmarked(cluster: StoredObject, client: Pick<ApiClient, 'get'>): Promise<TokenSecret[]> {
    return (await Promise.all(this.situationsOf(cluster).map((seen) => unmarkedOf(seen, client)))).flat();
  }

  /** Stands for the tokens that the servers of a cluster are to take, `unmarked` included; nobody can tell a token from it. */
  tokensOf(cluster: StoredObject, unmarked: readonly TokenSecret[] = []): string {
    const tokens = this.situationsOf(cluster).flatMap((seen) =>
      tokensInForce({ ...seen, secrets: [...seen.secrets, ...unmarked] }),
    );
    return createHash('sha256').update(JSON.stringify(tokens)).digest('hex').slice(0, 16);
  }

  private situationsOf(cluster: StoredObject): RoleSituation[] {
    const roles = this.caches.rolesOfCluster(cluster.metadata);
    const sorted = [...roles].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    return sorted.map((role) => observeRole(this.caches, role.metadata, () => cluster, 0));
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

/** Secrets with the names of a role's own that the cache does not show: of somebody else, or of nats-operator 0.8. */
export async function unmarkedOf(seen: RoleSituation, client: Pick<ApiClient, 'get'>): Promise<TokenSecret[]> {
  const found = await Promise.all(absentSecrets(seen).map((key) => client.get<TokenSecret>(kinds.secret, key)));
  return found.filter((secret) => secret !== undefined);
}
