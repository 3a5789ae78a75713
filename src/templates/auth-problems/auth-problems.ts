import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { type Problem } from '../../resources/parse';
import { type Feature } from '../../nats/capabilities';
import { accountProblems } from './accounts';
import { calloutProblems, userProblems } from './users';
import { jwtProblems } from './jwt';
import { permissionProblems } from './subjects';

/** Fields of authentication that need a server of some version. */
export const authNeeds: Readonly<Record<string, Feature>> = {
  'auth.tlsVerifyAndMap': 'verifyAndMap',
  'auth.noAuthUser': 'noAuthUser',
  'auth.callout': 'authCallout',
  'auth.operator': 'jwtOperator',
  operatorConfig: 'jwtOperator',
  'auth.accounts': 'accounts',
  'auth.accounts.limits': 'accountLimits',
  'auth.accounts.jetstream': 'accountSettings',
  'auth.accounts.mappings': 'accountSettings',
  'auth.accounts.exports.responseType': 'exportResponseType',
  ...ofPermissions('auth.defaultPermissions'),
  ...ofPermissions('auth.accounts.defaultPermissions'),
  ...ofUsers('auth.users'),
  ...ofUsers('auth.accounts.users'),
};

function ofUsers(users: string): Record<string, Feature> {
  return {
    [`${users}.nkey`]: 'nkeys',
    [`${users}.allowedConnectionTypes`]: 'allowedConnectionTypes',
    ...ofPermissions(`${users}.permissions`),
  };
}

function ofPermissions(permissions: string): Record<string, Feature> {
  return {
    [`${permissions}.publish.deny`]: 'subjectDeny',
    [`${permissions}.subscribe.deny`]: 'subjectDeny',
    [`${permissions}.allowResponses`]: 'allowResponses',
  };
}

/**
 * What servers would refuse in users, accounts and JWTs, so that they would not start, or would take for something else than
 * what is written. It is said before any server sees it.
 */
export function authProblems(spec: NatsClusterSpec): Problem[] {
  const { auth } = spec;
  return [
    ...(auth ? userProblems(auth, spec.version) : []),
    ...(auth ? calloutProblems(auth) : []),
    ...(auth ? accountProblems(auth, spec.jetstream !== undefined) : []),
    ...(auth ? permissionProblems(auth) : []),
    ...jwtProblems(spec),
  ];
}
