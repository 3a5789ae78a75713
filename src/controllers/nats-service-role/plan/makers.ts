import {
  accountAnnotation,
  expiresAnnotation,
  issuedAnnotation,
  takenAnnotation,
  tokenSecretMarks,
  tokenSecretName,
} from '../../../templates/token-secret';
import { planRole } from './plan';
import { type Account, type ClusterState, type RoleSituation, type StoredRole, type TokenSecret } from './situation';

/** The time of all tests, in milliseconds. */
export const noon = Date.parse('2030-06-01T12:00:00Z');

const day = 24 * 3600;

/** So many seconds after noon, or before it, as the API writes it. */
export function at(seconds: number): string {
  return new Date(noon + seconds * 1000).toISOString();
}

export const on = { is: 'on', name: 'nats', taken: new Set<string>(), settled: true } as const satisfies ClusterState;

export function aRole(changes: object = {}): StoredRole {
  return {
    apiVersion: 'nats.io/v1beta1',
    kind: 'NatsServiceRole',
    metadata: {
      name: 'app',
      namespace: 'nats-io',
      uid: 'role-uid',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: at(-day),
      labels: { nats_cluster: 'nats' },
      ...changes,
    },
  };
}

export function anAccount(namespace: string, changes: object = {}): Account {
  return {
    metadata: {
      name: 'app',
      namespace,
      uid: `account-${namespace}`,
      resourceVersion: '1',
      creationTimestamp: at(-day),
      ...changes,
    },
  };
}

/** A Secret as the operator leaves it, its token issued, and taken, so many seconds ago for a week; of the data only what is given. */
export function aTokenSecret(
  namespace: string,
  {
    issued = day,
    taken,
    data = { token: `token-${namespace}` },
    ...metadata
  }: Record<string, unknown> & {
    issued?: number;
    taken?: number;
    data?: Record<string, string>;
  } = {},
): TokenSecret {
  const marks = tokenSecretMarks({ role: aRole().metadata, cluster: 'nats', namespace });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: tokenSecretName('app', 'nats'),
      namespace,
      uid: `secret-${namespace}`,
      resourceVersion: '1',
      creationTimestamp: at(-day),
      labels: marks.labels,
      annotations: {
        ...marks.annotations,
        [accountAnnotation]: `account-${namespace}`,
        [issuedAnnotation]: at(-issued),
        [expiresAnnotation]: at(7 * day - issued),
        ...(taken !== undefined && { [takenAnnotation]: at(-taken) }),
      },
      ...metadata,
    },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  };
}

/** A situation where all is well, but for what the test changes. */
export function aSituation(changes: Partial<RoleSituation> = {}): RoleSituation {
  return {
    now: noon,
    role: aRole(),
    problems: [],
    permissions: { publish: ['a'], subscribe: ['>'] },
    cluster: on,
    loaded: true,
    accounts: [anAccount('nats-io')],
    secrets: [aTokenSecret('nats-io')],
    ...changes,
  };
}

/** What a plan does in short, such as `issue team-a`, and the reasons that it tells. */
export function planned(changes: Partial<RoleSituation>): string[] {
  const { actions, troubles } = planRole(aSituation(changes));
  return [
    ...actions.map(({ action }) => `${action.do} ${action.secret.metadata.namespace ?? ''}`),
    ...troubles.map(({ reason }) => reason),
  ];
}
