import { Count, OneOf, Quantity, Text, Texts } from '../schema/fields';
import { StringMap } from '../schema/maps';
import { Section, Sections } from '../schema/sections';
import { ExactlyOneOf } from '../schema/combinations';
import { Check } from '../schema/rules';
import { Permissions } from './permissions';
import { User } from './user';

const accountName = { min: 1, max: 256, pattern: /^[^\s]+$/, what: 'the name of an account, without spaces' };
const subject = { min: 1, max: 1024, pattern: /^[^\s]+$/, what: 'a subject without spaces' };

/** Something that other accounts may import: exactly one of `stream` and `service`. */
@ExactlyOneOf('stream', 'service')
export class AccountExport {
  /** Subject whose messages others may receive. On change: reload. */
  @Text(subject) stream?: string;

  /** Subject to which others may send requests. On change: reload. */
  @Text(subject) service?: string;

  /** Accounts that may import it; without it, all. On change: reload. */
  @Texts(accountName) accounts?: string[];

  /** How many answers a service gives: single (default), stream or chunked. On change: reload. */
  @OneOf(['single', 'stream', 'chunked']) responseType?: 'single' | 'stream' | 'chunked';
}

/** Something imported from another account: exactly one of `stream` and `service`. */
@ExactlyOneOf('stream', 'service')
export class AccountImport {
  /** Account that exports it. On change: reload. */
  @Text({ ...accountName, required: true }) account!: string;

  /** Exported subject whose messages are wanted. On change: reload. */
  @Text(subject) stream?: string;

  /** Exported subject to send requests to. On change: reload. */
  @Text(subject) service?: string;

  /** Local subject under which it is seen. On change: reload. */
  @Text(subject) to?: string;

  /** Prefix put before the subjects of a stream. On change: reload. */
  @Text(subject) prefix?: string;
}

/** JetStream of one account, on all servers together. */
export class AccountJetStream {
  /** Most memory of the account's streams, such as 512Mi; without it, no limit of its own. On change: reload. */
  @Quantity() memory?: string | number;

  /** Most file storage of the account's streams, such as 10Gi; without it, no limit of its own. On change: reload. */
  @Quantity() storage?: string | number;

  /** Most streams. On change: reload. */
  @Count() streams?: number;

  /** Most consumers. On change: reload. */
  @Count() consumers?: number;
}

/** Limits of one account on each server. */
export class AccountLimits {
  /** Most client connections. On change: reload. */
  @Count() connections?: number;

  /** Most subscriptions. On change: reload. */
  @Count() subscriptions?: number;

  /** Largest message in bytes. On change: reload. */
  @Count() payload?: number;

  /** Most leaf node connections. On change: reload. */
  @Count() leafnodes?: number;
}

/** An account: subjects, users and streams of its own, apart from those of other accounts. */
@Check<Account>({
  cel: "self.name != '$SYS'",
  holds: ({ name }) => name !== '$SYS',
  message: "the account $SYS is the operator's own",
  field: 'name',
})
export class Account {
  /** Name of the account. On change: reload. */
  @Text({ ...accountName, required: true }) name!: string;

  /** Users of the account. On change: reload. */
  @Sections(() => User, { key: 'name' }) users?: User[];

  /** What other accounts may import. On change: reload. */
  @Sections(() => AccountExport) exports?: AccountExport[];

  /** What is taken from other accounts. On change: reload. */
  @Sections(() => AccountImport) imports?: AccountImport[];

  /** Let the account use JetStream; an empty object means without limits. On change: reload. */
  @Section() jetstream?: AccountJetStream;

  /** Limits of the account. On change: reload. */
  @Section() limits?: AccountLimits;

  /** Subjects and the subjects that messages sent there go to instead. On change: reload. */
  @StringMap() mappings?: Record<string, string>;

  /** Permissions of its users that have none of their own. On change: reload. */
  @Section() defaultPermissions?: Permissions;
}
