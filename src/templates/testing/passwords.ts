import { type ConnectionOptions } from '@nats-io/transport-node';

/** Refers to the password of a user in the secret of `passwords`. */
export const passwordSecret = (key: string) => ({ name: 'passwords', key });

/** A secret with passwords of four users. */
export const passwords = new Map([
  ['passwords', new Map(['alice', 'bob', 'carol', 'auth'].map((name) => [name, `${name}'s`]))],
]);

/** Connects as one of them. */
export const as = (user: string): ConnectionOptions => ({ user, pass: `${user}'s` });
