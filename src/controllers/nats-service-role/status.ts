import { type Condition } from '../../resources/nats-cluster/status';
import { type NatsServiceRoleStatus } from '../../resources/nats-service-role/status';
import { expiresAnnotation } from '../../templates/token-secret';
import { type RolePlan } from './plan/plan';
import { type RoleSituation } from './plan/situation';
import { hasToken, isOfAnother, isOfRole } from './plan/tokens';
import { byAge, namesOf, secretOf, uniqueName } from './plan/users';

/** Without the class: what is written is plain JSON. */
type Plain<T> = Pick<T, keyof T>;

/** What a plan means for those who look at the role. Pure, and without anything that changes by itself. */
export function statusOf(situation: RoleSituation, { troubles }: RolePlan): Plain<NatsServiceRoleStatus> {
  const { role, now } = situation;
  const users = usersIn(situation);
  const waiting = situation.accounts.length - users.length;
  const [first] = troubles;
  const ready = first === undefined && waiting === 0;
  const before = role?.status?.conditions?.find(({ type }) => type === 'Ready');
  const status = ready ? 'True' : 'False';
  const condition: Plain<Condition> = {
    type: 'Ready',
    status,
    reason: first?.reason ?? (ready ? 'Published' : 'Publishing'),
    message: first ? troubles.map(({ message }) => message).join('. ') : counted(users.length, waiting),
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : rfc3339(now),
    observedGeneration: role?.metadata.generation,
  };
  return { observedGeneration: role?.metadata.generation, users, conditions: [condition] };
}

function usersIn(situation: RoleSituation): Plain<NonNullable<NatsServiceRoleStatus['users']>[number]>[] {
  const { role, cluster } = situation;
  if (!role || cluster.is !== 'on') return [];
  return byAge(situation.accounts).flatMap((account) => {
    const { namespace } = account.metadata;
    const secret = secretOf(situation, account);
    if (!secret || !isOfRole(secret, role.metadata) || isOfAnother(secret, account) || !hasToken(secret)) return [];
    const user = uniqueName(role.metadata.name, namespace);
    return [
      {
        namespace,
        user,
        alias: namesOf(situation, account).find((name) => name !== user),
        secret: secret.metadata.name,
        tokenExpires: secret.metadata.annotations?.[expiresAnnotation],
      },
    ];
  });
}

function counted(users: number, waiting: number): string {
  const have = users === 1 ? '1 service account has its user' : `${users} service accounts have their users`;
  return waiting === 0 ? have : `${have}, ${waiting} more will have one in a moment`;
}

/** As the API writes times: whole seconds. */
function rfc3339(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z');
}
