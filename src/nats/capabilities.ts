import * as semver from 'semver';

/**
 * First version of nats-server that knows a feature, read in the sources of that version and the one before
 * (server/opts.go, server/monitor.go, server/signal.go, server/events.go). Below it the feature is left out, or refused where asked for.
 */
export const since = {
  /** `lame_duck_duration`, and the signal that starts it. 1.4 has both too, in a program of another name. */
  lameDuck: '2.0.0',
  /** Permissions as `{allow, deny}`, before only as a list; and a way without a list is free, before it was closed. */
  subjectDeny: '1.3.0',
  /** `nkey` of a user. */
  nkeys: '2.0.0',
  /** `tls.verify_and_map`. */
  verifyAndMap: '2.0.0',
  accounts: '2.0.0',
  /** `operator` with a JWT instead of a file. */
  jwtOperator: '2.0.2',
  /** `permissions.allow_responses`. */
  allowResponses: '2.0.4',
  /** `response_type` of an exported service. */
  exportResponseType: '2.0.4',
  noAuthUser: '2.1.7',
  allowedConnectionTypes: '2.2.0',
  /** `default_permissions`, `mappings` and `jetstream` of an account. */
  accountSettings: '2.2.0',
  /** `resolver.type: full`. */
  fullResolver: '2.2.0',
  /** `limits` of an account. */
  accountLimits: '2.7.0',
  /** `authorization.auth_callout`. */
  authCallout: '2.10.0',
  maxSubscriptions: '1.2.0',
  maxPending: '1.2.0',
  /** `cluster.name`. */
  clusterName: '2.2.0',
  /** The flag `--name`. */
  serverName: '2.2.0',
  lameDuckGracePeriod: '2.2.0',
  /** `client_advertise`. */
  clientAdvertise: '1.1.0',
  gateways: '2.0.0',
  leafnodes: '2.0.0',
  /** More than one URL of a leaf node remote. */
  leafnodeUrls: '2.0.2',
  websockets: '2.2.0',
  mqtt: '2.2.0',
  /** `mqtt.stream_replicas`. */
  mqttStreamReplicas: '2.8.3',
  /** `/healthz` on the monitoring port. */
  healthz: '2.8.0',
  /** `$SYS.REQ.SERVER.<id>.RELOAD` (server/events.go), and `server_tags` among what it reloads. */
  reload: '2.10.0',
  /** A preferred leader in `$JS.API.META.LEADER.STEPDOWN`. */
  preferredLeader: '2.11.0',
  /** `/healthz?js-enabled-only=true`: whether this server is well, whatever its peers and streams are. */
  healthzOfServer: '2.10.0',
  /** `jetstream.domain`. */
  jetStreamDomain: '2.2.6',
  /** `jetstream.key`. */
  jetStreamEncryption: '2.3.0',
  /** `jetstream.unique_tag`. */
  jetStreamUniqueTag: '2.8.0',
  /** `jetstream.limits`. */
  jetStreamLimits: '2.8.0',
  /** `jetstream.cipher`; before, chacha alone. */
  jetStreamCipher: '2.9.0',
  /** `jetstream.prev_encryption_key`. */
  jetStreamPreviousKey: '2.10.0',
  /** `/varz` shows the `server_tags` of the config that is loaded (server/monitor.go, updateVarzConfigReloadableFields). */
  liveTags: '2.12.0',
} as const;

export type Feature = keyof typeof since;

/** Whether a server of that version knows a feature. A version without a number, which is never stored, knows all. */
export function has(version: string, feature: Feature): boolean {
  const parsed = semver.parse(version, { loose: true });
  // a preview of the first version knows it: 2.15.0-preview.1 has what 2.15.0 has
  return !parsed || semver.gte(`${parsed.major}.${parsed.minor}.${parsed.patch}`, since[feature]);
}
