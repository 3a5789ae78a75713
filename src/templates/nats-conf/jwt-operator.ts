import { type JwtResolver } from '../../resources/nats-cluster/jwt-operator';
import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { jwtIn } from '../auth-secrets/jwt';
import { runFolder } from '../pod/folders';
import { type Secrets, type SecretValues } from '../secrets';
import { valueOf } from '../secret-values';
import { storeFolder } from './jetstream';
import { type Block } from './nats-conf';

/** Key of the operator's JWT in the secret, as nats-operator 0.8 had it. */
export const operatorJwtKey = 'op.jwt';

/**
 * Where the full resolver of a member keeps the JWTs of accounts. On its claim, if it has one, accounts that were pushed outlive
 * every pod. Without a claim they are in the pod alone, and come back from other members or from `preloadSecret`.
 */
const folders = { claim: `${storeFolder}/accounts`, pod: `${runFolder}/accounts` };

/** How often a member without a claim asks others for accounts that it lacks; the server's own minute is as long as a roll. */
const intervalWithoutClaim = '10s';

/**
 * Whether servers take over another `resolver_preload` while they run. A full resolver stores it then, but accounts that are
 * in use stay as they were: it tells nobody before it is started (server/accounts.go, DirAccResolver; seen up to 2.15.2).
 */
export function reloadsPreload(resolver: JwtResolver | undefined): boolean {
  return resolver?.type !== 'full';
}

/** Top-level keys of decentralised authentication; none where the spec has none. */
export function jwtOperator({ auth, operatorConfig, jetstream }: NatsClusterSpec, secrets: Secrets): Block {
  if (auth?.operator) {
    const { jwtSecret, systemAccount, resolver } = auth.operator;
    const preload = resolver.preloadSecret ? secrets.get(resolver.preloadSecret) : undefined;
    return {
      // not a file: a changed JWT is a changed nats.conf
      operator: jwtIn(valueOf(jwtSecret, secrets)),
      system_account: systemAccount,
      resolver: resolverBlock(resolver, jetstream?.fileStorage !== undefined),
      resolver_preload: preload && jwtsOf(preload),
    };
  }
  if (!operatorConfig?.secret) return {};
  return {
    operator: jwtIn(valueOf({ name: operatorConfig.secret, key: operatorJwtKey }, secrets)),
    system_account: operatorConfig.systemAccount || undefined,
    resolver: resolverText(operatorConfig.resolver),
  };
}

function resolverBlock({ type, url, ...rest }: JwtResolver, hasClaim: boolean): unknown {
  if (type === 'memory') return 'MEMORY';
  if (type === 'url') return `URL(${url ?? ''})`;
  return {
    type: 'full',
    dir: hasClaim ? folders.claim : folders.pod,
    allow_delete: rest.allowDelete ?? false,
    interval: rest.interval ?? (hasClaim ? undefined : intervalWithoutClaim),
    limit: rest.limit,
    timeout: rest.timeout,
  };
}

/** As nats-operator 0.8 handed it on; an address alone, which servers do not take, is one of an account server. */
function resolverText(resolver: string | undefined): string | undefined {
  if (!resolver) return undefined;
  return /^https?:/.test(resolver) ? `URL(${resolver})` : resolver;
}

function jwtsOf(values: SecretValues): Block {
  return Object.fromEntries([...values].map(([account, text]) => [account, jwtIn(text)]));
}
