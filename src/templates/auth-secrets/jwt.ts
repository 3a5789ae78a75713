import { type SecretValues } from '../secrets';
import { isObject, listed, type Wrong } from './json';

/** The JWT in a text, which may have the lines around it with which nsc decorates one; undefined where there is none. */
export function jwtIn(text: string): string | undefined {
  return /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(text)?.[0];
}

/** Why a text is not the JWT of an operator; undefined where it is. */
export function operatorJwtProblem(key: string, text: string): Wrong | undefined {
  return kindOf(text) === 'operator'
    ? undefined
    : { wrong: `has under ${key} what is not the JWT of an operator: write what "nsc describe operator --raw" prints` };
}

/** Why a text is not credentials of a user in that account; undefined where it is. */
export function credentialsFileProblem(key: string, text: string, account: string | undefined): Wrong | undefined {
  if (kindOf(text) !== 'user' || !/\bSU[A-Z2-7]{56}\b/.test(text)) {
    return { wrong: `has under ${key} what is not a credentials file: write what "nsc generate creds" prints` };
  }
  if (accountOf(text) === account) return undefined;
  return {
    wrong: `has under ${key} credentials of a user in another account than spec.auth.operator.systemAccount: write what "nsc generate creds --account" prints for that one`,
  };
}

/** When a JWT ends, in milliseconds of Unix time; undefined where it does not. */
export function expiryOf(text: string): number | undefined {
  const { exp } = claimsOf(text) ?? {};
  return typeof exp === 'number' && exp > 0 ? exp * 1000 : undefined;
}

/** The account of a user: with a signing key of it the issuer is another one (github.com/nats-io/jwt, IssuerAccount). */
function accountOf(text: string): unknown {
  const { nats, iss } = claimsOf(text) ?? {};
  return (isObject(nats) && nats.issuer_account) || iss;
}

/** Why a secret is not the JWTs of accounts by their public nkeys; undefined where it is. */
export function preloadProblem(values: SecretValues, needed: string | undefined): Wrong | undefined {
  const bad = [...values].filter(([key, text]) => kindOf(text) !== 'account' || claimsOf(text)?.sub !== key);
  if (bad.length > 0) {
    const names = listed(bad.map(([key]) => key));
    return {
      wrong: `has under ${names} what is not the JWT of the account that the key names: write what "nsc describe account --raw" prints`,
    };
  }
  if (needed !== undefined && !values.has(needed)) {
    return { wrong: `has no key ${needed}: add the JWT of the system account, without which no server starts` };
  }
  return undefined;
}

function kindOf(text: string): unknown {
  const { nats, type } = claimsOf(text) ?? {};
  return (isObject(nats) ? nats.type : undefined) ?? type; // version 1 has it outside
}

/** What a JWT claims. Whether its signature is right is for servers to say. */
function claimsOf(text: string): Record<string, unknown> | undefined {
  const [, claims = ''] = jwtIn(text)?.split('.') ?? [];
  try {
    const content: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
    return isObject(content) ? content : undefined;
  } catch {
    return undefined;
  }
}
