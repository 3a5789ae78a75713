import { Flag, Port, Text, Texts } from '../schema/fields';
import { Sections } from '../schema/sections';
import { AnyOf } from '../schema/combinations';

const url = { min: 1, max: 2048, pattern: /^[^\s]+$/, what: 'a URL without spaces' };

/** A cluster of the super-cluster. */
@AnyOf('url', 'urls')
export class RemoteGateway {
  /** Name of the cluster: the `gatewayConfig.name` of its own resource. On change: rolling restart. */
  @Text({ min: 1, max: 256, required: true }) name!: string;

  /** URL of its gateway, such as nats://gateway.other:7222. On change: rolling restart. */
  @Text(url) url?: string;

  /** More URLs of its gateways. On change: rolling restart. */
  @Texts({ ...url, maxItems: 64 }) urls?: string[];
}

/**
 * Joins this cluster to others into a super-cluster. The resources of a super-cluster need names that differ, as the names of
 * servers are made from them. JetStream of all clusters is one: they need one `jetstream.domain`, and the first
 * `gatewayConfig` is taken, or the last one taken away, only while this one has no streams. A cluster that is added to `gateways`
 * later has to join from its own side first, without streams, and is taken then: where two that have some are joined, all of one
 * side are deleted.
 */
export class GatewayConfigSpec {
  /** Name of this cluster in the super-cluster; by default the name of the resource. On change: rolling restart. */
  @Text({ max: 256 }) name?: string;

  /** Port of the gateway, by default 7222; also opened on the node unless `pod.disableGatewaysHostPort`. On change: rolling restart. */
  @Port() hostPort?: number;

  /** Refuse gateways of clusters that `gateways` does not list. On change: rolling restart. */
  @Flag() rejectUnknown?: boolean;

  /** The other clusters. On change: rolling restart. */
  @Sections(() => RemoteGateway, { key: 'name', max: 128, nullable: true }) gateways?: RemoteGateway[];
}
