import { nkeys } from '@nats-io/transport-node';
import { signature } from '../../nats/credentials';

export type KeyPair = ReturnType<typeof nkeys.createUser>;

/** A JWT as NATS has them, signed with an nkey (github.com/nats-io/jwt, version 2). */
export function aJwt(issuer: KeyPair, subject: string, nats: object, claims: object = {}): string {
  const iat = Math.floor(Date.now() / 1000);
  const payload = { jti: subject, iat, iss: publicKeyOf(issuer), sub: subject, name: subject, ...claims };
  const text = [
    { typ: 'JWT', alg: 'ed25519-nkey' },
    { ...payload, nats: { version: 2, ...nats } },
  ]
    .map(encoded)
    .join('.');
  const seed = new TextDecoder().decode(issuer.getSeed());
  return `${text}.${signature(seed, Buffer.from(text)).toString('base64url')}`;
}

export function operatorJwt(operator: KeyPair): string {
  return aJwt(operator, operator.getPublicKey(), { type: 'operator' });
}

/** `more` is what it says beside its limits, such as `revocations`; `limits` are more of these, such as those of JetStream. */
export function accountJwt(operator: KeyPair, account: KeyPair, limits: object = {}, more: object = {}): string {
  const free = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  return aJwt(operator, account.getPublicKey(), { type: 'account', limits: { ...free, ...limits }, ...more });
}

export function userJwt(account: KeyPair, user: string, claims: object = {}, permissions: object = {}): string {
  return aJwt(account, user, { type: 'user', subs: -1, data: -1, payload: -1, ...permissions }, claims);
}

/** A credentials file as `nsc generate creds` prints it. */
export function credentials(
  account: KeyPair,
  user = nkeys.createUser(),
  claims: object = {},
  more: object = {},
): string {
  const seed = new TextDecoder().decode(user.getSeed());
  const jwt = userJwt(account, user.getPublicKey(), claims, more);
  return [
    ...['-----BEGIN NATS USER JWT-----', jwt, '------END NATS USER JWT------', ''],
    ...['-----BEGIN USER NKEY SEED-----', seed, '------END USER NKEY SEED------', ''],
  ].join('\n');
}

const publicKeys = new WeakMap<KeyPair, string>();

/** The library computes it anew each time, in JavaScript: longer than a server waits for an answer, on a busy machine. */
function publicKeyOf(pair: KeyPair): string {
  const known = publicKeys.get(pair) ?? pair.getPublicKey();
  publicKeys.set(pair, known);
  return known;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
