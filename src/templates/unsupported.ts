import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { type Problem } from '../resources/parse';
import { contradictions } from './contradictions/contradictions';
import { has, since, type Feature } from '../nats/capabilities';

/** Sections that the API knows and this version of the operator does not act on yet. */
const sections = [
  ...['jetstream', 'operatorConfig'],
  ...['auth.clientsAuthSecret', 'auth.clientsAuthFile', 'auth.callout', 'auth.operator'],
  ...['auth.clusterAuthSecret', 'auth.gatewayAuthSecret', 'auth.tlsVerifyAndMap', 'auth.accounts', 'auth.users'],
  ...['auth.tokenSecret', 'auth.defaultPermissions'],
] as const;

/** Fields that need a server of some version. */
const needs: Readonly<Record<string, Feature>> = {
  'natsConfig.maxSubscriptions': 'maxSubscriptions',
  'natsConfig.maxPending': 'maxPending',
  gatewayConfig: 'gateways',
  leafnodeConfig: 'leafnodes',
  websocketConfig: 'websockets',
  mqtt: 'mqtt',
  'mqtt.streamReplicas': 'mqttStreamReplicas',
  'pod.advertiseExternalIP': 'clientAdvertise',
};

/**
 * What the spec asks for and would not get: the cluster is refused rather than made without it. One message a field.
 */
export function unsupported(cluster: NatsCluster): Problem[] {
  const { spec } = cluster;
  const missing = sections
    .filter((path) => isSet(valueAt(spec, path)))
    .map((path) => ({
      field: `spec.${path}`,
      message: 'is not supported by this version of the operator yet: remove it, or wait for a newer one',
    }));
  const tooNew = Object.entries(needs)
    .filter(([path, feature]) => isSet(valueAt(spec, path)) && !has(spec.version, feature))
    .map(([path, feature]) => ({
      field: `spec.${path}`,
      message: `needs nats-server ${since[feature]} or newer, and spec.version is ${spec.version}: remove it or upgrade`,
    }));
  return [...missing, ...tooNew, ...contradictions(cluster)];
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
}

function valueAt(root: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at ? (at as Record<string, unknown>)[key] : undefined),
      root,
    );
}
