import { Port, Text, Texts } from '../schema/fields';
import { Section, Sections } from '../schema/sections';
import { AnyOf, AtMostOneOf } from '../schema/combinations';
import { SecretKey } from './secret-key';

const url = { min: 1, max: 2048, pattern: /^[^\s]+$/, what: 'a URL without spaces' };

/** A server that this cluster connects to as a leaf node. */
@AnyOf('url', 'urls')
@AtMostOneOf('credentials', 'credentialsSecret')
export class LeafnodeRemote {
  /** URL of the remote's leaf node port, such as nats-leaf://hub:7422. On change: rolling restart. */
  @Text(url) url?: string;

  /** More URLs of the same remote. On change: rolling restart. */
  @Texts({ ...url, maxItems: 64 }) urls?: string[];

  /** Path in the container of a credentials file, from a volume of `template`. On change: rolling restart. */
  @Text({ max: 4096 }) credentials?: string;

  /** Key of a Secret that holds a credentials file; the operator mounts it. On change: rolling restart. */
  @Section() credentialsSecret?: SecretKey;

  /** Local account that is joined to the remote. On change: rolling restart. */
  @Text({ max: 256 }) account?: string;
}

/** Takes connections of leaf nodes and makes such connections. */
export class LeafnodeConfigSpec {
  /** Port for leaf nodes, by default 7422; also opened on the node unless `pod.disableLeafnodesHostPort`. On change: rolling restart. */
  @Port() hostPort?: number;

  /** Servers to connect to as a leaf node. On change: rolling restart. */
  @Sections(() => LeafnodeRemote, { max: 128, nullable: true }) remotes?: LeafnodeRemote[];
}
