import { createPrivateKey, sign } from 'node:crypto';
import { type Authenticator } from '@nats-io/transport-node';

/** Where a text has the JWT and the seed of a .creds file. */
const parts = { jwt: /eyJ[\w-]+\.[\w-]+\.[\w-]+/, seed: /\bSU[A-Z2-7]{56}\b/ };

/** An Ed25519 private key in DER, up to its seed (RFC 8410, section 7). */
const privateKeyPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Lets a client in as the user of a .creds file. Signed natively: JavaScript needs 10 ms and more for it, in which nothing else
 * runs, and on a busy machine longer than the 2 s after which servers hang up. Throws where there is no JWT or no seed.
 */
export function asUserOf(creds: string): Authenticator {
  const [jwt, seed] = [parts.jwt.exec(creds)?.[0], parts.seed.exec(creds)?.[0]];
  if (jwt === undefined || seed === undefined) throw new Error('the credentials have no JWT or no seed'); // without what they have
  return (nonce = '') => ({ jwt, sig: signature(seed, Buffer.from(nonce)).toString('base64url') });
}

/** The signature that the seed of an nkey gives. */
export function signature(seed: string, data: Uint8Array): Buffer {
  const key = Buffer.concat([privateKeyPrefix, secretOf(seed)]);
  return sign(null, data, createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

/** Base 32 of two bytes for the kind, 32 secret ones and a checksum of two (github.com/nats-io/nkeys, strkey.go). */
function secretOf(seed: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(seed, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(Array.from({ length: 32 }, (_, index) => parseInt(bits.slice(8 * (index + 2)).slice(0, 8), 2)));
}
