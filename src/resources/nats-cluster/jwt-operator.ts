import { Count, Duration, Flag, OneOf, SecretName, Text } from '../schema/fields';
import { Section } from '../schema/sections';
import { Check } from '../schema/rules';
import { SecretKey } from './secret-key';

export const resolverTypes = ['memory', 'url', 'full'] as const;

/** Where servers find the JWTs of accounts. */
@Check<JwtResolver>({
  cel: "has(self.url) == (self.type == 'url')",
  holds: ({ type, url }) => (url !== undefined) === (type === 'url'),
  message: 'url belongs to a resolver of type url, and to no other',
  field: 'url',
})
@Check<JwtResolver>({
  cel: "self.type == 'full' || !(has(self.allowDelete) || has(self.interval) || has(self.limit) || has(self.timeout))",
  holds: ({ type, allowDelete, interval, limit, timeout }) =>
    type === 'full' || [allowDelete, interval, limit, timeout].every((value) => value === undefined),
  message: 'allowDelete, interval, limit and timeout belong to a resolver of type full',
  field: 'type',
})
@Check<JwtResolver>({
  cel: "self.type != 'memory' || has(self.preloadSecret)",
  holds: ({ type, preloadSecret }) => type !== 'memory' || preloadSecret !== undefined,
  message: 'a resolver of type memory knows only the accounts of its preloadSecret: name one',
  field: 'preloadSecret',
})
export class JwtResolver {
  /** memory: only what `preloadSecret` has; url: an account server; full: each server stores all of them, on its claim where `jetstream.fileStorage` makes one. On change: rolling restart. */
  @OneOf(resolverTypes, { required: true }) type!: (typeof resolverTypes)[number];

  /** Address of the account server, such as http://accounts:9090/jwt/v1/accounts/. On change: rolling restart. */
  @Text({ max: 2048, pattern: /^https?:\/\/[^\s]+$/, what: 'an http or https address' }) url?: string;

  /** Secret whose keys are public nkeys of accounts and whose values are their JWTs. On change: reload; of a full resolver, which takes new JWTs of known accounts over as they are pushed: rolling restart. */
  @SecretName() preloadSecret?: string;

  /** Let the operator's key holder delete accounts (full only). On change: rolling restart. */
  @Flag() allowDelete?: boolean;

  /** How often servers compare their accounts, such as 2m; without claims by default 10s (full only). On change: rolling restart. */
  @Duration() interval?: string;

  /** Most accounts (full only). On change: rolling restart. */
  @Count() limit?: number;

  /** How long a look-up may take, such as 2s (full only). On change: rolling restart. */
  @Duration() timeout?: string;
}

/** Decentralised authentication: an operator's JWT is trusted, accounts and users come with JWTs of their own. */
export class JwtOperatorSpec {
  /** Key of a Secret that holds the operator's JWT. On change: rolling restart. */
  @Section({ required: true }) jwtSecret!: SecretKey;

  /** Public nkey of the system account, A and 55 more characters. On change: rolling restart. */
  @Text({ max: 56, pattern: /^A[A-Z2-7]{55}$/, what: 'the public nkey of an account', required: true })
  systemAccount!: string;

  /**
   * Key of a Secret that holds credentials (a .creds file) of a user in the system account, for this operator to talk to
   * the servers; without it changes restart the members instead of being reloaded. While it can't be used, a condition says why, such changes wait,
   * and all else goes on. On change: nothing restarts; when it is taken away: rolling restart.
   */
  @Section() systemUserSecret?: SecretKey;

  /** Where the accounts' JWTs are found. On change: rolling restart. */
  @Section({ required: true }) resolver!: JwtResolver;
}
