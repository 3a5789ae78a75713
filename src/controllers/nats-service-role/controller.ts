import { isDeepStrictEqual } from 'node:util';
import { asApiError, type ApiError } from '../../kubernetes/api-error';
import { type Cache, type CacheEvent } from '../../kubernetes/cache-store';
import { keyText, parseKey, type Key, type StoredObject } from '../../kubernetes/object';
import { kinds } from '../../kubernetes/resource-kind';
import { type Tools } from '../../operator';
import { clusterLabel } from '../../templates/names';
import { after, done, type Controller, type Result, type Watched } from '../controller';
import { natsClusterKind } from '../nats-cluster/kind';
import { act, type Evidence } from './act';
import { isSettled, loadedTokens, whyHeld } from './held';
import { natsServiceRoleKind } from './kind';
import { observeRole } from './observe';
import { planRole, type Action, type RolePlan } from './plan/plan';
import { type RoleSituation, type StoredRole } from './plan/situation';
import { forgettableAt, roleOf } from './plan/tokens';
import { RoleCaches, roleRequests } from './role-caches';
import { ServiceUsers, unmarkedOf } from './service-users';
import { statusOf } from './status';

/** Seconds until caches have caught up with what turned out to be newer. */
const catchUpSeconds = 0.5;

/** Timers of more than 24 days end at once, and nothing is due for so long anyway. */
const longestWaitSeconds = 24 * 3600;

/**
 * Publishes tokens of service accounts, renews them and takes them away. The users that they are the passwords of are brought into
 * nats.conf by the controller of clusters, which looks at the same roles, service accounts and Secrets.
 */
export class NatsServiceRoleController implements Controller {
  readonly name = 'nats-service-role';
  readonly watches: readonly Watched[];
  private readonly caches: RoleCaches;
  private readonly clusters: Cache;
  private readonly users: ServiceUsers;

  constructor(private readonly tools: Tools) {
    const clusters = { kind: natsClusterKind };
    this.caches = new RoleCaches(tools.caches);
    this.clusters = tools.caches.of(clusters);
    this.users = new ServiceUsers(tools.caches);
    this.watches = [
      { ...roleRequests.roles, keysOf: (event) => (isOnlyStatus(event) ? [] : keys([event.object])) },
      { ...roleRequests.accounts, keysOf: ({ object }) => keys(this.caches.rolesNamed(object.metadata.name)) },
      { ...roleRequests.secrets, keysOf: rolesOfSecret },
      {
        ...clusters,
        keysOf: (event) =>
          isOnlyStatus(event) && !isHeldOrReleased(event) && !isSettledOrNot(event)
            ? []
            : keys(this.caches.rolesOfCluster(event.object.metadata)),
      },
    ];
  }

  async reconcile(key: Key): Promise<Result> {
    const now = Date.now();
    const seen = observeRole(this.caches, key, (cluster) => this.clusters.get(cluster), now);
    const unmarked = await unmarkedOf(seen, this.tools.client);
    const situation = { ...seen, secrets: [...seen.secrets, ...unmarked], loaded: await this.haveLoaded(seen) };
    const plan = planRole(situation);
    const outcomes = [];
    for (const { action, because } of plan.actions) {
      const outcome = await this.act(key, situation, plan, action);
      if (outcome === 'done') this.tools.log.info({ role: keyText(key) }, because);
      outcomes.push(outcome);
    }
    // what was written comes back as an event, and leads here again
    if (outcomes.includes('stale')) return after(catchUpSeconds);
    if ((await this.report(situation, plan)) === 'stale') return after(catchUpSeconds);
    const seconds = plan.again === undefined ? undefined : Math.max(0, (plan.again - now) / 1000);
    return seconds === undefined ? done : after(Math.min(seconds + 0.1, longestWaitSeconds));
  }

  /**
   * Whether the servers of a role's cluster take all tokens that they are to take, those of its other roles included, as its status
   * tells; it may be of long ago. Not looked up where no token before waits for that.
   */
  private async haveLoaded({ role, cluster, secrets }: RoleSituation): Promise<boolean> {
    if (!role || cluster.is !== 'on' || secrets.every((secret) => forgettableAt(secret) === undefined)) return false;
    const stored = this.clusters.get({ namespace: role.metadata.namespace, name: cluster.name });
    if (!stored) return false;
    const unmarked = await this.users.unmarked(stored, this.tools.client);
    return loadedTokens(stored) === this.users.tokensOf(stored, unmarked);
  }

  private async act(key: Key, situation: RoleSituation, plan: RolePlan, action: Action) {
    try {
      return await act(this.tools.client, action, this.evidence(key, situation, action), situation.now);
    } catch (error) {
      const refusal = asApiError(error);
      if (refusal?.conflict || refusal?.notFound) return 'stale';
      // the user is told before it is tried again
      if (refusal && !refusal.transient)
        await this.report(situation, { ...plan, troubles: [told(action, refusal), ...plan.troubles] });
      throw error;
    }
  }

  /** What the decision to do it was made from. */
  private evidence(key: Key, { role, accounts }: RoleSituation, action: Action): Evidence[] {
    if (!role) return [{ kind: natsServiceRoleKind, key }];
    const { namespace } = action.secret.metadata;
    const account = accounts.find(({ metadata }) => metadata.namespace === namespace) as StoredObject | undefined;
    const cluster = { namespace: key.namespace, name: role.metadata.labels?.[clusterLabel] ?? '' };
    return [
      { kind: natsServiceRoleKind, key, seen: role },
      { kind: kinds.serviceAccount, key: { namespace, name: key.name }, seen: account },
      ...(cluster.name ? [{ kind: natsClusterKind, key: cluster, seen: this.clusters.get(cluster) }] : []),
    ];
  }

  /** Writes the status where it changed, and tells of what is wrong since then. */
  private async report(situation: RoleSituation, plan: RolePlan): Promise<'done' | 'stale'> {
    const { role } = situation;
    if (!role || role.metadata.deletionTimestamp) return 'done';
    // as JSON, in which a value that is undefined is left out
    const status = JSON.parse(JSON.stringify(statusOf(situation, plan))) as object;
    if (isDeepStrictEqual(status, role.status)) return 'done';
    const { uid, resourceVersion } = role.metadata;
    try {
      await this.tools.client.mergePatch(
        natsServiceRoleKind,
        role.metadata,
        { status },
        { uid, resourceVersion },
        'status',
      );
    } catch (error) {
      if (asApiError(error)?.conflict || asApiError(error)?.notFound) return 'stale';
      throw error;
    }
    const before = role.status?.conditions?.[0]?.message ?? '';
    for (const { reason, message } of plan.troubles.filter((trouble) => !before.includes(trouble.message))) {
      this.tools.log.warn({ role: keyText(role.metadata), reason }, message);
      this.tools.events.record(role, { type: 'Warning', reason, message });
    }
    return 'done';
  }
}

function told({ do: what }: Action, refusal: ApiError) {
  const cure =
    what === 'issue' && refusal.status === 403
      ? '. Grant the operator to create serviceaccounts/token there, as deploy/rbac.yaml does'
      : '';
  return { reason: 'Refused', message: `${refusal.message}${cure}` };
}

function rolesOfSecret({ object, before }: CacheEvent): ReturnType<Watched['keysOf']> {
  const found = [object, ...(before ? [before] : [])].flatMap((secret) => roleOf(secret) ?? []);
  return [...new Set(found.map(keyText))].map((text) => ({ key: parseKey(text) }));
}

/** Our own writes of a status are no news. */
function isOnlyStatus({ type, object, before }: CacheEvent): boolean {
  const text = ({ metadata: { generation, labels, deletionTimestamp } }: StoredObject) =>
    JSON.stringify([generation, labels, deletionTimestamp]);
  return type === 'MODIFIED' && before !== undefined && text(before) === text(object);
}

/** Whether what tells that nats.conf is not written came or went: an annotation or a condition. */
function isHeldOrReleased({ object, before }: CacheEvent): boolean {
  return before !== undefined && whyHeld(before) !== whyHeld(object);
}

/** Whether all its servers came to run what they are to, or ceased to. */
function isSettledOrNot({ object, before }: CacheEvent): boolean {
  if (before === undefined) return false;
  return isSettled(before) !== isSettled(object) || loadedTokens(before) !== loadedTokens(object);
}

function keys(roles: readonly Pick<StoredRole | StoredObject, 'metadata'>[]): ReturnType<Watched['keysOf']> {
  return roles.map(({ metadata }) => ({ key: metadata }));
}
