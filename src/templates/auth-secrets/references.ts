import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { usersOf } from '../nats-conf/credential-names';
import { operatorJwtKey, reloadsPreload } from '../nats-conf/jwt-operator';
import { usersFrom } from '../nats-conf/users-from';
import { type KeyOfSecret } from '../secret-values';
import { type SecretReference, type SecretValues } from '../secrets';
import { clientsAuthProblem } from './clients-auth';
import { credentialsProblem } from './credentials';
import { type Wrong } from './json';
import { credentialsFileProblem, operatorJwtProblem, preloadProblem } from './jwt';
import { passwordProblem } from './text';

/** The field that names the credentials with which the operator comes where a JWT decides who is in the system account. */
export const systemUserField = 'spec.auth.operator.systemUserSecret';

interface AuthSecretReference extends SecretReference {
  /** How a change of it reaches servers that can reload; that of the operator itself reaches none. */
  readonly takenBy: 'reload' | 'restart' | 'operator';
}

/** The secrets that authentication is made from, and what must be in them. */
export function authSecretReferences(spec: NatsClusterSpec): AuthSecretReference[] {
  const { auth, operatorConfig, gatewayConfig } = spec;
  const operator = auth?.operator;
  const whole = (field: string, secret: string | undefined, problem: (values: SecretValues) => Wrong | undefined) =>
    secret ? [{ secret, field, files: [], problem }] : [];
  const oneKey = (
    field: string,
    of: KeyOfSecret | undefined,
    problemOf: (key: string, text: string) => Wrong | undefined,
  ): SecretReference[] => {
    if (!of) return [];
    const { name: secret, key } = of;
    const problem = (values: SecretValues) => problemOf(key, values.get(key) ?? '');
    return [{ secret, field, files: [{ keys: [key], optional: false }], problem }];
  };
  const ofJwt = operatorConfig?.secret ? { name: operatorConfig.secret, key: operatorJwtKey } : undefined;
  const needed = operator?.resolver.type === 'memory' ? operator.systemAccount : undefined;
  const preload = whole('spec.auth.operator.resolver.preloadSecret', operator?.resolver.preloadSecret, (values) =>
    preloadProblem(values, needed),
  );
  const isPreloadReloaded = reloadsPreload(operator?.resolver);
  const reloaded = [
    ...whole('spec.auth.clientsAuthSecret', usersFrom(auth).secret, (values) => clientsAuthProblem(values, spec)),
    ...(auth ? usersOf(auth) : []).flatMap(({ user, field }) =>
      oneKey(`${field}.passwordSecret`, user.passwordSecret, (key, text) =>
        passwordProblem(`under ${key} a password`, text),
      ),
    ),
    ...(isPreloadReloaded ? preload : []),
  ];
  const restarted = [
    ...whole('spec.auth.clusterAuthSecret', auth?.clusterAuthSecret, credentialsProblem),
    // without gateways nobody needs it
    ...whole('spec.auth.gatewayAuthSecret', gatewayConfig && auth?.gatewayAuthSecret, credentialsProblem),
    ...oneKey('spec.auth.tokenSecret', auth?.tokenSecret, (key, text) => passwordProblem(`under ${key} a token`, text)),
    ...oneKey('spec.auth.operator.jwtSecret', operator?.jwtSecret, operatorJwtProblem),
    ...oneKey('spec.operatorConfig.secret', ofJwt, operatorJwtProblem),
    ...(isPreloadReloaded ? [] : preload),
  ];
  const own = oneKey(systemUserField, operator?.systemUserSecret, (key, text) =>
    credentialsFileProblem(key, text, operator?.systemAccount),
  );
  const taken = (takenBy: AuthSecretReference['takenBy']) => (reference: SecretReference) => ({
    ...reference,
    takenBy,
  });
  return [...reloaded.map(taken('reload')), ...restarted.map(taken('restart')), ...own.map(taken('operator'))];
}
