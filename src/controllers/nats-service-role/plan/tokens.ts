import {
  accountAnnotation,
  expiresAnnotation,
  issuedAnnotation,
  previousTokenKey,
  roleAnnotation,
  roleNamespaceLabel,
  takenAnnotation,
  tokenKey,
} from '../../../templates/token-secret';
import { type Account, type TokenSecret } from './situation';

/** Seconds for which a token is asked: a week. The API server may grant less. */
export const lifetimeSeconds = 7 * 24 * 3600;

/** A token is renewed after so much of its life, as kubelet does with those that it mounts. */
const renewAfter = 0.8;

/**
 * Seconds from when a new token is published until the servers take it in place of the old one. kubelet brings a changed Secret
 * into a mounted file within its sync period, a minute, and some more where it is busy.
 */
export const overlapSeconds = 120;

/** The key of the role that a Secret is marked with, as `namespace` and `name`. */
export function roleOf({ metadata: { labels, annotations } }: Pick<TokenSecret, 'metadata'>) {
  const namespace = labels?.[roleNamespaceLabel];
  const name = annotations?.[roleAnnotation];
  return namespace && name ? { namespace, name } : undefined;
}

/** Whether a Secret is marked as the role's, or was made for it by nats-operator 0.8, which made the role its owner. */
export function isOfRole(
  secret: TokenSecret,
  role: { readonly namespace: string; readonly name: string; readonly uid: string },
): boolean {
  const marked = roleOf(secret);
  if (marked) return marked.namespace === role.namespace && marked.name === role.name;
  return secret.metadata.ownerReferences?.some(({ uid }) => uid === role.uid) ?? false;
}

/** Whether the token in a Secret was made for another service account of the same name, that is gone. */
export function isOfAnother(secret: TokenSecret, account: Account): boolean {
  const uid = secret.metadata.annotations?.[accountAnnotation];
  return uid !== undefined && uid !== account.metadata.uid;
}

/** Whether a Secret holds a token. */
export function hasToken({ data }: TokenSecret): boolean {
  return Boolean(data?.[tokenKey]);
}

/** Whether the token in a Secret is one that nats-operator 0.8 made: nobody knows how old it is. */
export function isOfPredecessor(secret: TokenSecret): boolean {
  return hasToken(secret) && timeIn(secret, issuedAnnotation) === undefined;
}

/**
 * The password that the servers are to take: the token before, until the new one is taken. No two users can have the same name,
 * and a user has one password, so for each server one token is good. A new one is published first, and taken when every pod
 * that mounts the Secret has surely got it.
 */
export function passwordIn(secret: TokenSecret): string | undefined {
  const { data } = secret;
  const before = isTaken(secret) ? undefined : data?.[previousTokenKey];
  const password = before || data?.[tokenKey]; // an empty one is none
  return password ? Buffer.from(password, 'base64').toString() : undefined;
}

/** Stands for the password in force, without telling anything of it; undefined where there is none. */
export function tokenInForce(secret: TokenSecret): string | undefined {
  const { uid, annotations } = secret.metadata;
  const state = isTaken(secret) || secret.data?.[previousTokenKey] === undefined ? 'taken' : 'before';
  return passwordIn(secret) && [uid, annotations?.[issuedAnnotation] ?? '', state].join();
}

/** When a token is to be renewed, in milliseconds since 1970: at once where nobody knows how old it is, as 0.8 left them. */
export function renewAt(secret: TokenSecret): number {
  const issued = timeIn(secret, issuedAnnotation);
  const expires = timeIn(secret, expiresAnnotation);
  return issued === undefined || expires === undefined ? -Infinity : issued + renewAfter * (expires - issued);
}

/** When the servers are to take the new token; undefined where they take it already. */
export function overlapEndsAt(secret: TokenSecret): number | undefined {
  if (secret.data?.[previousTokenKey] === undefined || isTaken(secret)) return undefined;
  return (timeIn(secret, issuedAnnotation) ?? -Infinity) + overlapSeconds * 1000;
}

/**
 * When the token before may go at the earliest; undefined where there is none, or servers are to take it. Until then, and as long
 * as servers are restarted for the new one, there may be some that take the one before alone: a sidecar that has servers reload
 * tells nobody when it did, and hears of nats.conf when kubelet brings it.
 */
export function forgettableAt(secret: TokenSecret): number | undefined {
  const taken = timeIn(secret, takenAnnotation);
  if (secret.data?.[previousTokenKey] === undefined || taken === undefined) return undefined;
  return taken + overlapSeconds * 1000;
}

function isTaken(secret: TokenSecret): boolean {
  return timeIn(secret, takenAnnotation) !== undefined;
}

function timeIn({ metadata: { annotations } }: TokenSecret, annotation: string): number | undefined {
  const time = Date.parse(annotations?.[annotation] ?? '');
  return Number.isNaN(time) ? undefined : time;
}
