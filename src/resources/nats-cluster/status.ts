import { Count, Flag, Text } from '../schema/fields';
import { Sections } from '../schema/sections';

export const conditionTypes = ['Ready', 'Progressing', 'Degraded', 'ConfigValid', 'JetStreamHealthy'] as const;
export type ConditionType = (typeof conditionTypes)[number];

/** Creating until all members were ready once, Running from then on, Failed if only a person can help. */
export type Phase = 'Creating' | 'Running' | 'Failed';

/**
 * A condition as metav1.Condition has it. Only `type` is required by the schema: entries that nats-operator 0.8 stored
 * have no status and must not block an update. The operator always writes all fields.
 */
export class Condition {
  /** Ready, Progressing, Degraded, ConfigValid or, with JetStream, JetStreamHealthy. */
  @Text({ max: 316, required: true }) type!: string;

  /** True, False or Unknown. */
  @Text({ max: 16, pattern: /^(True|False|Unknown)$/, what: 'True, False or Unknown' }) status!:
    'True' | 'False' | 'Unknown';

  /** One word for programs. */
  @Text() reason!: string;

  /** What is happening and what to do, for people. */
  @Text({ max: 32768 }) message!: string;

  /** When `status` last changed, RFC 3339. */
  @Text({ max: 64 }) lastTransitionTime!: string;

  /** The `metadata.generation` that this was seen for. */
  @Count({ max: Number.MAX_SAFE_INTEGER }) observedGeneration?: number;
}

export type MemberRole = 'MetaLeader' | 'MetaFollower';

/** One server of the cluster. */
export class MemberStatus {
  /** Name of the server: `<cluster>-<ordinal>`. */
  @Text({ required: true }) name!: string;

  /** Name of its pod. */
  @Text() pod?: string;

  /** Node that the pod runs on. */
  @Text() node?: string;

  /** Id that the running server gave itself. */
  @Text() serverId?: string;

  /** Version that it runs. */
  @Text() version?: string;

  /** Whether it serves clients and, with JetStream, is current. */
  @Flag({ required: true }) ready!: boolean;

  /** Since when it is ready or not, RFC 3339. */
  @Text({ max: 64 }) since?: string;

  /** Its part in the JetStream meta group: MetaLeader or MetaFollower. */
  @Text({ max: 64 }) role?: MemberRole;
}

/** What the cluster is. */
export class NatsClusterStatus {
  /** The `metadata.generation` that this status is about. */
  @Count({ max: Number.MAX_SAFE_INTEGER }) observedGeneration?: number;

  /** Creating until all members were ready once, Running from then on, Failed if only a person can help. */
  @Text() phase?: Phase;

  /** What is happening, in one sentence. */
  @Text({ max: 32768 }) reason?: string;

  /** Whether the operator leaves the cluster alone because `spec.paused` or the annotation nats.io/paused is true. */
  @Flag() controlPaused?: boolean;

  /** Number of members that exist. */
  @Count() size?: number;

  /** Number of members that are ready. */
  @Count() readyMembers?: number;

  /** Version that all members run; during an upgrade the one they come from. */
  @Text() currentVersion?: string;

  /** Version that the members are to run. */
  @Text() targetVersion?: string;

  /** Label selector of the pods, for the scale subresource. */
  @Text() selector?: string;

  /** URL for clients in the cluster. */
  @Text() clientUrl?: string;

  /** The last value of the annotation nats.io/step-down-meta-leader that was dealt with. */
  @Text() metaLeaderStepDown?: string;

  /** Stands for the tokens of service accounts that all members take; the one before each is dropped when that is so. */
  @Text() serviceTokens?: string;

  /** The members by ordinal. */
  @Sections(() => MemberStatus, { key: 'name', max: 1000, nullable: true }) members?: MemberStatus[];

  /** Ready, Progressing, Degraded, ConfigValid and, with JetStream, JetStreamHealthy. */
  // no map by type: 0.8 stored types twice, and server-side apply fails on an object that has such a map
  @Sections(() => Condition, { max: 64, nullable: true }) conditions?: Condition[];
}
