import { type Metadata } from '../metadata';
import { Section } from '../schema/fields';
import { NatsClusterSpec } from './spec';
import { NatsClusterStatus } from './status';

/** A cluster of NATS servers that the operator keeps running as `spec` says. */
export class NatsCluster {
  apiVersion!: string;
  kind!: 'NatsCluster';
  metadata!: Metadata;

  /** What the cluster should be. */
  @Section() spec: NatsClusterSpec = new NatsClusterSpec();

  /** What the cluster is; written by the operator. */
  @Section() status?: NatsClusterStatus;
}
