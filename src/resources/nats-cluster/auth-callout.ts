import { Text, Texts } from '../schema/fields';

/** A service of yours decides who may connect: it answers requests on `$SYS.REQ.USER.AUTH`. */
export class AuthCalloutSpec {
  /** Public nkey of the account that signs the service's answers, A and 55 more characters. On change: reload. */
  @Text({ max: 56, pattern: /^A[A-Z2-7]{55}$/, what: 'the public nkey of an account', required: true }) issuer!: string;

  /** Users that connect without asking the service: names or nkeys of the service's own users. On change: reload. */
  @Texts({ min: 1, max: 256, required: true }) authUsers!: string[];

  /** Account of the service's users; without it, the global account. On change: reload. */
  @Text({ max: 256 }) account?: string;

  /** Public curve key with which requests are encrypted, X and 55 more characters. On change: reload. */
  @Text({ max: 56, pattern: /^X[A-Z2-7]{55}$/, what: 'a public curve key' }) xkey?: string;
}
