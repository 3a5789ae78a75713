import { V1PodTemplateSpec } from '@kubernetes/client-node';
import { defaultServerImage, defaultServerVersion } from '../api';
import { Count, Flag, Text } from '../schema/fields';
import { FreeForm, Kubernetes, Section, Sections } from '../schema/sections';
import { Excludes, Needs } from '../schema/combinations';
import { Check } from '../schema/rules';
import { AuthSpec } from './auth';
import { ExtraRoute } from './extra-route';
import { GatewayConfigSpec } from './gateway';
import { ImageSpec } from './image';
import { JetStreamSpec } from './jetstream';
import { LameDuckSpec } from './lame-duck';
import { LeafnodeConfigSpec } from './leafnode';
import { LoggingSpec } from './logging';
import { MonitoringSpec } from './monitoring';
import { MqttSpec } from './mqtt';
import { NatsConfigSpec } from './nats-config';
import { NetworkPolicySpec } from './network-policy';
import { OperatorConfigSpec } from './operator-config';
import { PodSpec } from './pod';
import { celPorts, portsOf } from './ports';
import { PodDisruptionBudgetSpec } from './pod-disruption-budget';
import { ServicePolicySpec } from './service-policy';
import { TlsSpec } from './tls';
import { UpdateStrategySpec } from './update-strategy';
import { WebsocketConfigSpec } from './websocket';

/** What the cluster should be. */
@Needs('mqtt', ['jetstream'], 'it keeps sessions and retained messages in streams')
@Needs('auth.tlsVerifyAndMap', ['tls.serverSecret'], 'users come from certificates, and without TLS there are none')
@Needs('monitoring.podMonitor', ['pod.enableMetrics'], 'it scrapes the exporter')
@Needs('tls.mqttSecret', ['mqtt'], 'there is no MQTT port')
@Excludes('lameDuckDurationSeconds', ['lameDuck'], 'write the duration in lameDuck.durationSeconds')
@Excludes(
  'operatorConfig',
  ['auth.operator', 'auth.users', 'auth.accounts', 'auth.callout', 'auth.tokenSecret'],
  'users and accounts come with JWTs that the operator key signed',
)
@Check<NatsClusterSpec>({
  cel: "!has(self.jetstream) || !self.version.matches('^v?([01]|2[.][01])[.]')",
  holds: ({ jetstream, version }) => !jetstream || !/^v?([01]|2[.][01])[.]/.test(version),
  message: 'jetstream needs version 2.2.0 or later',
  field: 'jetstream',
})
@Check<NatsClusterSpec>({
  cel: '!has(self.mqtt) || !has(self.mqtt.streamReplicas) || self.mqtt.streamReplicas <= self.size',
  holds: ({ mqtt, size }) => (mqtt?.streamReplicas ?? 0) <= size,
  message: 'mqtt.streamReplicas must not be above size',
  field: 'mqtt',
})
@Check<NatsClusterSpec>({
  cel: `${celPorts}.all(port, ${celPorts}.exists_one(other, other == port))`,
  holds: (spec) => new Set(portsOf(spec)).size === portsOf(spec).length,
  message:
    'gatewayConfig, leafnodeConfig, websocketConfig and mqtt need ports of their own, other than 4222 (clients), 6222 (routes), 8222 (monitoring) and 7777 (metrics)',
})
export class NatsClusterSpec {
  /** Number of servers. An odd number of three or more keeps JetStream available when one is lost. On change: servers are added or leave one by one; the others keep running. */
  @Count({ min: 1, max: 1000 }) size = 3;

  /** Version of nats-server, which is the tag of the image, such as 2.15.2; a leading v is dropped. On change: rolling restart, one server at a time. */
  @Text({
    max: 128,
    pattern: /^(v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z][-.0-9A-Za-z]*)?)?$/,
    what: 'a full version such as 2.15.2',
  })
  version = defaultServerVersion;

  /** Image of the server without tag, such as registry.example.com/nats. On change: rolling restart. */
  @Text({ max: 512, pattern: /^[^\s@]*$/, what: 'an image without spaces and digest' }) serverImage =
    defaultServerImage;

  /** How the server image is pulled. On change: rolling restart. */
  @Section() image: ImageSpec = new ImageSpec();

  /** What the servers log. On change: reload. */
  @Section() logging: LoggingSpec = new LoggingSpec();

  /** Limits of the servers. On change: reload or rolling restart, as each field says. */
  @Section() natsConfig?: NatsConfigSpec;

  /** Certificates of each listener. On change: reload of renewed certificates, or rolling restart where servers do not reload; rolling restart for other names. */
  @Section() tls?: TlsSpec;

  /** Who may connect. On change: reload or rolling restart, as each field says. */
  @Section() auth?: AuthSpec;

  /** JetStream; its presence turns it on. On change: rolling restart. */
  @Section() jetstream?: JetStreamSpec;

  /** MQTT; its presence turns it on. On change: rolling restart. */
  @Section() mqtt?: MqttSpec;

  /** Websockets; its presence turns them on. On change: rolling restart. */
  @Section() websocketConfig?: WebsocketConfigSpec;

  /** Joins other clusters into a super-cluster; its presence turns gateways on. On change: rolling restart. */
  @Section() gatewayConfig?: GatewayConfigSpec;

  /** Leaf nodes; its presence turns them on. On change: rolling restart. */
  @Section() leafnodeConfig?: LeafnodeConfigSpec;

  /** Routes to servers outside this cluster. On change: reload. */
  @Sections(() => ExtraRoute, { max: 128 }) extraRoutes?: ExtraRoute[];

  /** Decentralised authentication as nats-operator 0.8 has it; see also `auth.operator`. On change: rolling restart. */
  @Section() operatorConfig?: OperatorConfigSpec;

  /** Keep servers from telling clients the addresses of the others. On change: reload. */
  @Flag() noAdvertise?: boolean;

  /** Accepted for nats-operator 0.8; servers have a name wherever their version knows one. On change: nothing restarts. */
  @Flag() useServerName?: boolean;

  /** Leave the cluster alone: nothing is created, changed or deleted until it is false again. On change: nothing restarts. */
  @Flag() paused?: boolean;

  /** How a server that stops sends its clients away. On change: rolling restart. */
  @Section() lameDuck!: LameDuckSpec; // where it is absent, `oneSpelling` fills it

  /** The same as `lameDuck.durationSeconds`, as nats-operator 0.8 has it. On change: rolling restart. */
  @Count() lameDuckDurationSeconds?: number;

  /** How members are restarted when a change needs it. On change: nothing restarts. */
  @Section() updateStrategy: UpdateStrategySpec = new UpdateStrategySpec();

  /** How many members a drain of nodes may take away at once. On change: nothing restarts. */
  @Section() podDisruptionBudget: PodDisruptionBudgetSpec = new PodDisruptionBudgetSpec();

  /** Restricts who reaches the pods; its presence turns it on. On change: nothing restarts. */
  @Section() networkPolicy?: NetworkPolicySpec;

  /** How the cluster is watched. On change: nothing restarts. */
  @Section() monitoring?: MonitoringSpec;

  /** What each pod carries beyond the server. On change: rolling restart, but for labels and annotations. */
  @Section() pod?: PodSpec;

  /** Base of the pods, as in a Deployment; what the operator needs is merged in, the server's container is named `nats`. On change: rolling restart. */
  @Kubernetes(V1PodTemplateSpec) template?: V1PodTemplateSpec;

  /** Labels and annotations of the client service. On change: nothing restarts. */
  @Section() servicePolicy?: ServicePolicySpec;

  /** Labels and annotations of the headless service. On change: nothing restarts. */
  @Section() managementServicePolicy?: ServicePolicySpec;

  /** Any keys of nats.conf, merged in last: the way to settings that have no field here. On change: reload or rolling restart, as the server can. */
  @FreeForm() config?: Record<string, unknown>;
}
