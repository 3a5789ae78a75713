import { Count, Duration, ObjectName, OneOf, Quantity, Text, Texts } from '../schema/fields';
import { Section } from '../schema/sections';
import { Needs } from '../schema/combinations';
import { bytes } from '../schema/quantity';
import { Check } from '../schema/rules';
import { SecretKey } from './secret-key';

export const retentions = ['Retain', 'Delete'] as const;
export type Retention = (typeof retentions)[number];

/** What happens to the claims of members. */
export class ClaimRetention {
  /** When the NatsCluster is deleted: Retain keeps the data, a cluster of the same name finds it again. On change: nothing restarts. */
  @OneOf(retentions) whenDeleted: Retention = 'Retain';

  /** When `size` shrinks: Retain keeps the data of the members that left. On change: nothing restarts. */
  @OneOf(retentions) whenScaled: Retention = 'Retain';
}

/** A claim for each member, on which JetStream keeps its files. */
@Check<FileStorageSpec>({
  cel: 'quantity(string(self.size)).compareTo(quantity(string(oldSelf.size))) >= 0',
  message: 'a claim never shrinks: move the data to a new cluster instead',
  field: 'size',
})
@Check<FileStorageSpec>({
  cel: "(has(self.storageClassName) ? self.storageClassName : '') == (has(oldSelf.storageClassName) ? oldSelf.storageClassName : '')",
  message: 'the storage class of claims that exist is fixed: move the data to a new cluster instead',
  field: 'storageClassName',
})
@Check<FileStorageSpec>({
  cel: 'self.accessModes == oldSelf.accessModes',
  message: 'the access modes of claims that exist are fixed',
  field: 'accessModes',
})
@Check<FileStorageSpec>({
  cel: '!has(self.limit) || quantity(string(self.limit)).compareTo(quantity(string(self.size))) <= 0',
  holds: ({ limit, size }) => limit === undefined || bytes(limit) <= bytes(size),
  message: 'limit must not be above size',
  field: 'limit',
})
export class FileStorageSpec {
  /** Size of each member's claim. It may grow where the storage class allows it, and never shrinks. On change: nothing restarts, unless the volume can only grow offline. */
  @Quantity({ required: true }) size!: string | number;

  /** Storage class of the claims; without it, the default class. It can't change once set. On change: refused. */
  @ObjectName() storageClassName?: string;

  /** Access modes of the claims. They can't change. On change: refused. */
  @Texts({
    max: 32,
    maxItems: 4,
    pattern: /^(ReadWriteOnce|ReadWriteOncePod|ReadWriteMany)$/,
    what: 'ReadWriteOnce, ReadWriteOncePod or ReadWriteMany',
  })
  accessModes: string[] = ['ReadWriteOnce'];

  /** Most bytes of streams on a member; by default 90 % of `size`, as a full volume stops JetStream. On change: reload where it grows, else rolling restart. */
  @Quantity() limit?: string | number;

  /** What happens to the claims on deletion and on scale-down. On change: nothing restarts. */
  @Section() retention?: ClaimRetention;
}

/** Encryption of JetStream's files. */
export class EncryptionSpec {
  /** Key of a Secret that holds the encryption key. Another key is for a single server only, with the one until now in `previousKeySecret`. On change: rolling restart. */
  @Section({ required: true }) keySecret!: SecretKey;

  /** Key of a Secret that holds the key used until now, while a single server rewrites its files with the new one. It opens no consumers with that: as long as it has any in files, the change waits (ConsumersInTheWay). The servers of a cluster can't do that: there it is refused (KeyFixed). On change: rolling restart. */
  @Section() previousKeySecret?: SecretKey;

  /** Cipher: chacha or aes. On change: rolling restart. */
  @OneOf(['chacha', 'aes']) cipher: 'chacha' | 'aes' = 'chacha';
}

/** Limits of JetStream on each member. */
export class JetStreamLimits {
  /** Most messages without acknowledgement of one consumer. On change: rolling restart. */
  @Count({ min: 1 }) maxAckPending?: number;

  /** Most streams and consumers with replicas on one member. On change: rolling restart. */
  @Count({ min: 1 }) maxHaAssets?: number;

  /** Most messages of one request for a batch. On change: rolling restart. */
  @Count({ min: 1 }) maxRequestBatch?: number;

  /** Longest window in which streams look for duplicates, such as 2m. On change: rolling restart. */
  @Duration() duplicateWindow?: string;
}

/** JetStream: streams, key-value and object stores (2.2.0 and later). Its presence turns it on. */
@Needs('encryption', ['fileStorage'], 'only files are encrypted')
@Check<JetStreamSpec>({
  cel: '!has(oldSelf.fileStorage) || has(self.fileStorage)',
  message: 'can not be taken away while JetStream is on, its claims hold data: turn JetStream off as a whole instead',
  field: 'fileStorage',
})
export class JetStreamSpec {
  /** Most memory of memory streams on a member, such as 1Gi; by default half of the container's memory limit. On change: reload where it grows, else rolling restart. */
  @Quantity() memoryLimit?: string | number;

  /** Claims for file streams; without it only memory streams survive a restart of one member. On change: rolling restart. */
  @Section() fileStorage?: FileStorageSpec;

  /** Domain, to tell this JetStream from those behind leaf nodes; the clusters of a super-cluster need the same. On change: rolling restart. */
  @Text({ max: 64, pattern: /^[A-Za-z0-9_-]+$/, what: 'letters, digits, - and _' }) domain?: string;

  /** Encrypt the files, those that exist too. Can't be taken away, as servers could not read them. On change: rolling restart. */
  @Section() encryption?: EncryptionSpec;

  /** Prefix of a server tag whose values must differ between the replicas of a stream, such as az: (tags come from `config.server_tags`). On change: rolling restart. */
  @Text({ max: 64, pattern: /^[^\s]+$/, what: 'a prefix without spaces' }) uniqueTag?: string;

  /** Limits of JetStream on each member. On change: rolling restart. */
  @Section() limits?: JetStreamLimits;
}
