import { nkeys } from '@nats-io/transport-node';

export type KeyPair = ReturnType<typeof nkeys.createUser>;

/** A JWT as NATS has them, signed with an nkey (github.com/nats-io/jwt, version 2). */
export function aJwt(issuer: KeyPair, subject: string, nats: object, claims: object = {}): string {
  const iat = Math.floor(Date.now() / 1000);
  const payload = { jti: subject, iat, iss: issuer.getPublicKey(), sub: subject, name: subject, ...claims };
  const text = [
    { typ: 'JWT', alg: 'ed25519-nkey' },
    { ...payload, nats: { version: 2, ...nats } },
  ]
    .map(encoded)
    .join('.');
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`;
}

export function operatorJwt(operator: KeyPair): string {
  return aJwt(operator, operator.getPublicKey(), { type: 'operator' });
}

export function accountJwt(operator: KeyPair, account: KeyPair): string {
  const limits = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  return aJwt(operator, account.getPublicKey(), { type: 'account', limits });
}

export function userJwt(account: KeyPair, user: string, claims: object = {}, permissions: object = {}): string {
  return aJwt(account, user, { type: 'user', subs: -1, data: -1, payload: -1, ...permissions }, claims);
}

/** A credentials file as `nsc generate creds` prints it. */
export function credentials(account: KeyPair, user = nkeys.createUser()): string {
  const seed = new TextDecoder().decode(user.getSeed());
  return [
    ...['-----BEGIN NATS USER JWT-----', userJwt(account, user.getPublicKey()), '------END NATS USER JWT------', ''],
    ...['-----BEGIN USER NKEY SEED-----', seed, '------END USER NKEY SEED------', ''],
  ].join('\n');
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
