import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { type Problem } from '../resources/parse';
import { contradictions } from './contradictions/contradictions';
import { has, since, type Feature } from '../nats/capabilities';
import { authNeeds, authProblems } from './auth-problems/auth-problems';

/** Fields that need a server of some version; those of lists are meant in every entry. */
const needs: Readonly<Record<string, Feature>> = {
  'natsConfig.maxSubscriptions': 'maxSubscriptions',
  'natsConfig.maxPending': 'maxPending',
  gatewayConfig: 'gateways',
  leafnodeConfig: 'leafnodes',
  websocketConfig: 'websockets',
  mqtt: 'mqtt',
  'mqtt.streamReplicas': 'mqttStreamReplicas',
  'pod.advertiseExternalIP': 'clientAdvertise',
  'jetstream.domain': 'jetStreamDomain',
  'jetstream.encryption': 'jetStreamEncryption',
  'jetstream.encryption.previousKeySecret': 'jetStreamPreviousKey',
  'jetstream.uniqueTag': 'jetStreamUniqueTag',
  'jetstream.limits': 'jetStreamLimits',
  ...authNeeds,
};

/**
 * What the spec asks for and would not get: the cluster is refused rather than made without it. One message a field.
 */
export function unsupported(cluster: NatsCluster): Problem[] {
  const { spec } = cluster;
  const tooNew = Object.entries(needs)
    .filter(([, feature]) => !has(spec.version, feature))
    .flatMap(([path, feature]) => fieldsAt(spec, path).map((field) => ({ field, feature })))
    .map(({ field, feature }) => ({
      field: `spec.${field}`,
      message: `needs nats-server ${since[feature]} or newer, and spec.version is ${spec.version}: remove it or upgrade`,
    }));
  return [...tooNew, ...authProblems(spec), ...contradictions(cluster)];
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
}

/** The fields at a path that are set: one, or in lists one in each entry that has it. */
function fieldsAt(root: unknown, path: string, parent = ''): string[] {
  const [key = '', ...rest] = path.split('.');
  const value = typeof root === 'object' && root ? (root as Record<string, unknown>)[key] : undefined;
  if (!isSet(value)) return [];
  const field = parent + key;
  if (rest.length === 0) return [field];
  const entries: [unknown, string][] = Array.isArray(value)
    ? value.map((entry: unknown, index) => [entry, `${field}[${index}].`])
    : [[value, `${field}.`]];
  return entries.flatMap(([entry, at]) => fieldsAt(entry, rest.join('.'), at));
}
