import { type NewObject } from '../../../kubernetes/object';
import { systemUser } from '../../../templates/nats-conf/system-account';
import { longestName, tokenSecret, tokenSecretName } from '../../../templates/token-secret';
import { isMarked } from './marks';
import { type Account, type ClusterState, type RoleSituation, type StoredRole, type TokenSecret } from './situation';
import { forgettableAt, hasToken, isOfAnother, isOfPredecessor, isOfRole, overlapEndsAt, renewAt } from './tokens';
import { namesOf, secretOf } from './users';

/** One write. Whatever changes or deletes a Secret names exactly the one that was judged. */
export type Action =
  | { readonly do: 'create'; readonly secret: NewObject }
  /** Ask for a token and publish it; the one before stays good for a while. */
  | { readonly do: 'issue'; readonly secret: TokenSecret; readonly account: Account; readonly cluster: string }
  /** From now on servers are told to take the new token; the one before stays published while there may be some that don't. */
  | { readonly do: 'switch'; readonly secret: TokenSecret }
  /** No server takes the token before any more. */
  | { readonly do: 'forget'; readonly secret: TokenSecret }
  /** Write down whose a Secret is. */
  | { readonly do: 'mark'; readonly secret: TokenSecret; readonly role: StoredRole; readonly cluster: string }
  | { readonly do: 'delete'; readonly secret: TokenSecret };

/** What to do next for a role, and what to say. */
export interface RolePlan {
  readonly actions: readonly { readonly action: Action; readonly because: string }[];
  /** What is wrong, with what to do about it; of several the first is the reason. */
  readonly troubles: readonly Trouble[];
  /** Milliseconds since 1970 at which time alone makes something due. */
  readonly again?: number;
}

export interface Trouble {
  /** One word for programs. */
  readonly reason: string;
  readonly message: string;
}

interface Judgement {
  readonly action?: RolePlan['actions'][number];
  readonly trouble?: Trouble;
  readonly again?: number;
}

/** Decides what a role needs next. Pure. */
export function planRole(situation: RoleSituation): RolePlan {
  const { role, cluster, problems, accounts } = situation;
  if (!role || role.metadata.deletionTimestamp)
    return { actions: takenAway(situation, 'its role is gone'), troubles: [] };
  if (problems.length > 0) {
    const message = problems.map(({ field, message: what }) => `${field}: ${what}`).join('; ');
    return {
      actions: [],
      troubles: [{ reason: 'Invalid', message: `${message}. Its users can't connect until then` }],
    };
  }
  const trouble = clusterTrouble(cluster, role);
  if (cluster.is !== 'on') {
    const actions = cluster.is === 'invalid' ? [] : takenAway(situation, 'its role has no cluster that takes it');
    return { actions, troubles: trouble ? [trouble] : [] };
  }
  const { name } = cluster;
  const judgements = accounts.map((account) => judge(situation, role, name, account));
  const times = judgements.flatMap(({ again }) => again ?? []);
  return {
    actions: [
      ...takenAway(situation, 'its service account is gone', (secret) =>
        accounts.some((account) => secretOf(situation, account) === secret),
      ),
      ...judgements.flatMap(({ action }) => action ?? []),
    ],
    troubles: [
      ...(accounts.length === 0 ? [nobody(role)] : []),
      ...judgements.flatMap((judged) => judged.trouble ?? []),
    ],
    ...(times.length > 0 && { again: Math.min(...times) }),
  };
}

function judge(situation: RoleSituation, role: StoredRole, cluster: string, account: Account): Judgement {
  const { now } = situation;
  const { namespace } = account.metadata;
  const secret = secretOf(situation, account);
  const name = tokenSecretName(role.metadata.name, cluster);
  const where = `Secret ${name} in namespace ${namespace}`;
  if (name.length > longestName) {
    const message = `${where} would have a name of more than ${longestName} characters: give the role a shorter name`;
    return { trouble: { reason: 'NameTooLong', message } };
  }
  const doing = (action: Action, because: string): Judgement => ({
    action: { action, because: `${where} ${because}` },
  });
  const trouble = nameTrouble(situation, account);
  if (!secret) {
    return {
      ...doing({ do: 'create', secret: tokenSecret({ role: role.metadata, cluster, namespace }) }, 'is made'),
      trouble,
    };
  }
  if (!isOfRole(secret, role.metadata)) {
    const message = `${where} exists and is not of this role: delete it, or give the role another name`;
    return { trouble: { reason: 'NameTaken', message } };
  }
  if (secret.metadata.deletionTimestamp) return {};
  if (isOfAnother(secret, account)) {
    return doing({ do: 'delete', secret }, 'is taken away: its service account was made again');
  }
  if (!isMarked(secret, { role: role.metadata, cluster, namespace })) {
    return { ...doing({ do: 'mark', secret, role, cluster }, 'is marked as the one of this role'), trouble };
  }
  const due = renewAt(secret);
  const { held, settled: isSettled } =
    situation.cluster.is === 'on' ? situation.cluster : { held: undefined, settled: false };
  if (!hasToken(secret) || due <= now) {
    // servers would not get to know it; the end of that is an event
    if (held !== undefined) return { trouble: trouble ?? (hasToken(secret) ? undefined : waits(cluster, held)) };
    // whom the end of an old server throws out reads the token anew: it must be the one that servers take
    if (isOfPredecessor(secret) && !isSettled) return { trouble };
    // a Secret holds two tokens: a third would drop the one that some servers still take. They never look at how old it is
    const free = hasToken(secret) ? forgettableAt(secret) : undefined;
    if (free !== undefined && free > now) return { trouble, again: free };
    if (free !== undefined && !situation.loaded) return { trouble };
    const why = hasToken(secret) ? 'gets a new token, as its own expires' : 'gets a token';
    return { ...doing({ do: 'issue', secret, account, cluster }, why), trouble };
  }
  // without the token before, no application could connect to servers that still have it alone
  const ends = held === undefined ? overlapEndsAt(secret) : undefined;
  if (ends !== undefined && ends <= now) {
    return { ...doing({ do: 'switch', secret }, 'has its new token long enough: servers are to take it now'), trouble };
  }
  const forgettable = situation.loaded && held === undefined ? forgettableAt(secret) : undefined;
  if (forgettable !== undefined && forgettable <= now) {
    return { ...doing({ do: 'forget', secret }, 'loses its token before: all servers take the new one'), trouble };
  }
  return { trouble, again: Math.min(due, ends ?? due, forgettable ?? due) };
}

/** The Secrets of the role that nobody needs are taken away, and with them their tokens are no longer good. */
function takenAway(
  { role, secrets }: RoleSituation,
  why: string,
  isNeeded: (secret: TokenSecret) => boolean = () => false,
): RolePlan['actions'] {
  return secrets
    .filter((secret) => !secret.metadata.deletionTimestamp && !isNeeded(secret))
    .filter((secret) => !role || isOfRole(secret, role.metadata))
    .map((secret) => ({
      action: { do: 'delete', secret },
      because: `Secret ${secret.metadata.name} in namespace ${secret.metadata.namespace ?? ''} is taken away: ${why}`,
    }));
}

function clusterTrouble(cluster: ClusterState, { metadata: { namespace } }: StoredRole): Trouble | undefined {
  switch (cluster.is) {
    case 'unnamed':
      return { reason: 'NoCluster', message: 'label nats_cluster is missing: set it to the name of a NatsCluster' };
    case 'missing': {
      const message = `NatsCluster ${cluster.name} does not exist in namespace ${namespace}: create it there, or correct label nats_cluster`;
      return { reason: 'NoCluster', message };
    }
    case 'invalid': {
      const message = `the spec of NatsCluster ${cluster.name} is not valid: nothing is changed until it is`;
      return { reason: 'ClusterInvalid', message };
    }
    case 'off': {
      const message = `NatsCluster ${cluster.name} takes no users from service accounts: set its spec.auth.enableServiceAccounts to true`;
      return { reason: 'NotEnabled', message };
    }
    case 'on':
      return undefined;
  }
}

function waits(cluster: string, held: string): Trouble {
  const message = `tokens are not made while NatsCluster ${cluster} takes no changes: ${held}`;
  return { reason: 'ClusterHeld', message };
}

function nobody({ metadata: { name } }: StoredRole): Trouble {
  const message = `no namespace that the operator serves has a ServiceAccount ${name}: create one where the application runs`;
  return { reason: 'NoServiceAccount', message };
}

function nameTrouble(situation: RoleSituation, account: Account): Trouble | undefined {
  const { role, cluster } = situation;
  const [taken] =
    role && cluster.is === 'on' ? namesOf(situation, account).filter((name) => cluster.taken.has(name)) : [];
  if (taken === undefined || cluster.is !== 'on') return undefined;
  const message =
    taken === systemUser
      ? `user ${taken} of NatsCluster ${cluster.name} is the operator's own: give the role another name`
      : `spec.auth of NatsCluster ${cluster.name} has a user ${taken} already: give that user or the role another name`;
  return { reason: 'UserNameTaken', message };
}
