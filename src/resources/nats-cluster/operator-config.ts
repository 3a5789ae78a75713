import { SecretName, Text } from '../schema/fields';

/** Decentralised authentication as nats-operator 0.8 has it; `auth.operator` can do more. */
export class OperatorConfigSpec {
  /** Secret with the operator's JWT under the key `op.jwt`. On change: rolling restart. */
  @SecretName() secret?: string;

  /** Public nkey of the system account. On change: rolling restart. */
  @Text({ max: 256 }) systemAccount?: string;

  /** MEMORY, URL(<address>) or the address of an account server. On change: rolling restart. */
  @Text({ max: 2048 }) resolver?: string;
}
