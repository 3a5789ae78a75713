import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isReloadable } from '../nats/reloadable';
import { NatsClusterSpec } from '../resources/nats-cluster/spec';
import { streamsOf } from './nats-conf/jetstream';
import { reloadsPreload } from './nats-conf/jwt-operator';

/** Fields that reach neither nats.conf nor what is fixed in a running pod. */
const harmless: ReadonlySet<string> = new Set([
  ...['size', 'paused', 'updateStrategy', 'podDisruptionBudget', 'networkPolicy', 'monitoring', 'useServerName'],
  ...['servicePolicy', 'managementServicePolicy', 'pod.labels', 'pod.annotations'],
  // of an init container that is no longer needed
  ...['pod.bootconfigImage', 'pod.bootconfigImageTag'],
  // claims grow under running servers, which get the new limit with their next restart
  ...['jetstream.fileStorage.size', 'jetstream.fileStorage.retention'],
  // what the operator comes with is no concern of servers
  'auth.operator.systemUserSecret',
  // these are only other places for what is read elsewhere: see one-spelling.ts
  ...['lameDuckDurationSeconds', 'natsConfig.debug', 'natsConfig.trace', 'natsConfig.writeDeadline'],
]);

/** Fields that are rendered into these keys of nats.conf and nowhere else; those of `config` are keys themselves. */
const keys: Readonly<Record<string, string>> = {
  'logging.debug': 'debug',
  'logging.trace': 'trace',
  'natsConfig.disableLogtime': 'logtime',
  'natsConfig.write_deadline': 'write_deadline',
  'natsConfig.maxConnections': 'max_connections',
  'natsConfig.maxPayload': 'max_payload',
  'natsConfig.maxControlLine': 'max_control_line',
  'natsConfig.maxPending': 'max_pending',
  'natsConfig.maxSubscriptions': 'max_subscriptions',
  'tls.clientsTLSTimeout': 'tls.timeout',
  'tls.routesTLSTimeout': 'cluster.tls.timeout',
  'tls.verify': 'tls.verify',
  'tls.cipherSuites': 'tls.cipher_suites',
  'tls.curvePreferences': 'tls.curve_preferences',
  'auth.clientsAuthSecret': 'authorization.users',
  'auth.clientsAuthTimeout': 'authorization.timeout',
  'auth.enableServiceAccounts': 'authorization.users',
  'auth.users': 'authorization.users',
  'auth.defaultPermissions': 'authorization.default_permissions',
  'auth.accounts': 'accounts',
  'auth.callout': 'authorization.auth_callout',
  'auth.operator.resolver.preloadSecret': 'resolver_preload',
  noAdvertise: 'cluster.no_advertise',
  extraRoutes: 'cluster.routes',
  'mqtt.ackWaitSeconds': 'mqtt.ack_wait',
  'mqtt.maxAckPending': 'mqtt.max_ack_pending',
  'mqtt.streamReplicas': 'mqtt.stream_replicas',
};

/**
 * Stands for the parts of a spec that need a restart: pods that carry another one are made again. It is made from what the
 * spec says and not from what is rendered, and without what is as by default: a newer operator that renders otherwise, or
 * knows more fields, restarts nothing. Where the servers can be asked to `reload`, what they take over then is left out.
 */
export function restartHash(spec: NatsClusterSpec, reload = false): string {
  const { version, serverImage, ...rest } = spec;
  const restarts = reloadsPreload(spec.auth?.operator?.resolver) ? undefined : 'auth.operator.resolver.preloadSecret';
  const ignored = (path: string) => harmless.has(path) || (reload && path !== restarts && isReloaded(path, version));
  // a section whose fields are all as by default says something by being there
  return hashOf({
    version,
    serverImage,
    streams: streamsOf(spec),
    ...significant(rest, new NatsClusterSpec(), '', ignored),
  });
}

/**
 * Stands for the parts of a spec that decide whose routes a server takes: servers with another one refuse each other, seen
 * between plain and TLS and between two authorities, while each of them is healthy by itself.
 */
export function routesHash({ tls, auth, config }: NatsClusterSpec): string {
  const files = Object.entries(tls ?? {}).filter(([key]) => key.startsWith('routesSecret'));
  return hashOf({ files: Object.fromEntries(files), auth: auth?.clusterAuthSecret, free: config?.cluster });
}

function hashOf(parts: object): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(parts)))
    .digest('hex')
    .slice(0, 16);
}

function isReloaded(path: string, version: string): boolean {
  const key = path.startsWith('config.') ? path.slice('config.'.length) : keys[path];
  return key !== undefined && isReloadable(key, version);
}

function significant(
  spec: object,
  defaults: object,
  path: string,
  ignored: (path: string) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(spec).flatMap(([key, value]: [string, unknown]) => {
      const at = path + key;
      if (ignored(at) || value === undefined || value === null) return [];
      const byDefault = (defaults as Record<string, unknown>)[key];
      if (isDeepStrictEqual(value, byDefault)) return [];
      if (typeof value !== 'object' || Array.isArray(value)) return [[key, value]];
      const part = significant(value, byDefault ?? {}, `${at}.`, ignored);
      return Object.keys(part).length > 0 ? [[key, part]] : [];
    }),
  );
}

/** The same object whatever the order of its keys was. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]: [string, unknown]) => [key, sorted(part)]),
  );
}
