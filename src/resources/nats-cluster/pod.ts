import { V1EnvVar, V1ResourceRequirements, V1Toleration, V1VolumeMount } from '@kubernetes/client-node';
import { Flag, OneOf, Text } from '../schema/fields';
import { Labels, StringMap } from '../schema/maps';
import { Kubernetes, KubernetesList } from '../schema/sections';
import { pullPolicies, type PullPolicy } from './image';

/** What a pod carries beyond the server itself. `template` is the base, this goes on top. */
export class PodSpec {
  /** Labels of each pod. `app` and `nats_*` are the operator's own and refused. On change: nothing restarts. */
  @Labels({ reserved: true }) labels?: Record<string, string>;

  /** Annotations of each pod. On change: nothing restarts. */
  @StringMap({ max: 64 }) annotations?: Record<string, string>;

  /** Labels that a node must have. On change: rolling restart. */
  @Labels() nodeSelector?: Record<string, string>;

  /** Taints of nodes that the pods bear. On change: rolling restart. */
  @KubernetesList(V1Toleration) tolerations?: V1Toleration[];

  /** CPU and memory of the server's container. On change: rolling restart. */
  @Kubernetes(V1ResourceRequirements) resources?: V1ResourceRequirements;

  /** Never run two members on one node; without it they are only spread where possible. On change: rolling restart. */
  @Flag() antiAffinity?: boolean;

  /** Environment of the server's container. On change: rolling restart. */
  @KubernetesList(V1EnvVar) natsEnv?: V1EnvVar[];

  /** Mounts of the server's container, of volumes in `template`. On change: rolling restart. */
  @KubernetesList(V1VolumeMount) volumeMounts?: V1VolumeMount[];

  /** Run a sidecar that tells the server to reload when its files change. The operator reloads servers of 2.10 and later itself. On change: rolling restart. */
  @Flag() enableConfigReload?: boolean;

  /** Image of the reloader, without tag. On change: rolling restart. */
  @Text({ max: 512 }) reloaderImage?: string;

  /** Tag of the reloader's image. On change: rolling restart. */
  @Text({ max: 128 }) reloaderImageTag?: string;

  /** When a node pulls the reloader's image. On change: rolling restart. */
  @OneOf(pullPolicies) reloaderImagePullPolicy?: PullPolicy;

  /** CPU and memory of the reloader. On change: rolling restart. */
  @Kubernetes(V1ResourceRequirements) reloaderResources?: V1ResourceRequirements;

  /** Run the Prometheus exporter beside the server, on port 7777. On change: rolling restart. */
  @Flag() enableMetrics?: boolean;

  /** Image of the exporter, without tag. On change: rolling restart. */
  @Text({ max: 512 }) metricsImage?: string;

  /** Tag of the exporter's image. On change: rolling restart. */
  @Text({ max: 128 }) metricsImageTag?: string;

  /** When a node pulls the exporter's image. On change: rolling restart. */
  @OneOf(pullPolicies) metricsImagePullPolicy?: PullPolicy;

  /** Open the client port 4222 on the node. On change: rolling restart. */
  @Flag() enableClientsHostPort?: boolean;

  /** Do not open the gateway port on the node. On change: rolling restart. */
  @Flag() disableGatewaysHostPort?: boolean;

  /** Do not open the leaf node port on the node. On change: rolling restart. */
  @Flag() disableLeafnodesHostPort?: boolean;

  /** Do not open the websocket port on the node. On change: rolling restart. */
  @Flag() disableWebsocketsHostPort?: boolean;

  /** Tell clients, gateways and leaf nodes the external address of the node: its ExternalIP, else its label nats.io/node-external-ip. Needs an operator that may read nodes. On change: rolling restart. */
  @Flag() advertiseExternalIP?: boolean;

  /** Accepted for nats-operator 0.8, which found the address with an init container; the operator finds it itself. On change: nothing restarts. */
  @Text({ max: 512 }) bootconfigImage?: string;

  /** The same for the tag of that image. On change: nothing restarts. */
  @Text({ max: 128 }) bootconfigImageTag?: string;
}
