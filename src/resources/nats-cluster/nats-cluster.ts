import { longestClusterName } from '../api';
import { type Metadata } from '../metadata';
import { Section } from '../schema/sections';
import { Check } from '../schema/rules';
import { NatsClusterSpec } from './spec';
import { NatsClusterStatus } from './status';

const clusterName = `^[a-z]([-a-z0-9]{0,${longestClusterName - 2}}[a-z0-9])?$`;

/** A cluster of NATS servers that the operator keeps running as `spec` says. */
@Check<NatsCluster>({
  // only on creation: a cluster of nats-operator 0.8 that has such a name must stay editable
  cel: `oldSelf.hasValue() || (self.metadata.name.matches('${clusterName}') && !self.metadata.name.endsWith('-routes'))`,
  optionalOldSelf: true,
  holds: ({ metadata: { name } }) => new RegExp(clusterName).test(name) && !name.endsWith('-routes'),
  message: `the name must start with a letter, have at most ${longestClusterName} lower-case letters, digits and -, and not end in -routes: pods and services are named after it`,
  field: 'metadata.name',
})
export class NatsCluster {
  apiVersion!: string;
  kind!: 'NatsCluster';
  metadata!: Metadata;

  /** What the cluster should be. */
  @Section() spec: NatsClusterSpec = new NatsClusterSpec();

  /** What the cluster is; written by the operator. */
  @Section() status?: NatsClusterStatus;
}
