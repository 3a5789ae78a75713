import { Text, Texts } from '../schema/fields';
import { Section } from '../schema/sections';
import { AtMostOneOf } from '../schema/combinations';
import { Permissions } from './permissions';
import { SecretKey } from './secret-key';

export const connectionTypes = [
  'STANDARD',
  'WEBSOCKET',
  'LEAFNODE',
  'LEAFNODE_WS',
  'MQTT',
  'MQTT_WS',
  'IN_PROCESS',
] as const;

/** A user: with a password from a Secret, an nkey, or neither where client certificates name the user. */
@AtMostOneOf('passwordSecret', 'nkey')
export class User {
  /** Name of the user; with an nkey only a label for people. On change: reload. */
  @Text({ min: 1, max: 256, required: true }) name!: string;

  /** Key of a Secret that holds the password, plain or as bcrypt. On change: reload, also when the Secret changes. */
  @Section() passwordSecret?: SecretKey;

  /** Public nkey of the user, U and 55 more characters. On change: reload. */
  @Text({ max: 56, pattern: /^U[A-Z2-7]{55}$/, what: 'the public nkey of a user' }) nkey?: string;

  /** What the user may do; without it, the default permissions. On change: reload. */
  @Section() permissions?: Permissions;

  /** Kinds of connection the user may make: STANDARD, WEBSOCKET, LEAFNODE, LEAFNODE_WS, MQTT, MQTT_WS, IN_PROCESS. On change: reload. */
  @Texts({ max: 16, maxItems: 8, pattern: new RegExp(`^(${connectionTypes.join('|')})$`) })
  allowedConnectionTypes?: string[];
}
