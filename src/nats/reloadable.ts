import * as semver from 'semver';

/**
 * Keys of nats.conf that a running server takes over when it is asked to reload, and the first version that does; what is
 * below a key counts with it. A key that is not here needs a restart. Read in `diffOptions` of
 * server/reload.go of 2.10.29, 2.14.9 and 2.15.2, and tried key by key on these (reloadable.integration.test.ts). No
 * version before 2.10.0 can be asked.
 */
export const reloadable: Readonly<Record<string, string>> = {
  debug: '2.10.0',
  trace: '2.10.0',
  trace_verbose: '2.10.0',
  logtime: '2.10.0',
  logtime_utc: '2.10.0',
  log_file: '2.10.0',
  syslog: '2.10.0',
  remote_syslog: '2.10.0',
  max_traced_msg_len: '2.10.0',
  connect_error_reports: '2.10.0',
  reconnect_error_reports: '2.10.0',
  max_connections: '2.10.0',
  max_payload: '2.10.0',
  max_control_line: '2.10.0',
  ping_interval: '2.10.0',
  ping_max: '2.10.0',
  write_deadline: '2.10.0',
  client_advertise: '2.10.0',
  server_tags: '2.10.0',
  server_metadata: '2.12.0',
  prof_block_rate: '2.10.0',
  authorization: '2.10.0',
  accounts: '2.10.0',
  /** Files with another content, other files, and everything that concerns the handshake. */
  tls: '2.10.0',
  'cluster.routes': '2.10.0',
  'cluster.no_advertise': '2.10.0',
  'cluster.cluster_advertise': '2.10.0',
  'cluster.authorization': '2.10.0',
  'cluster.permissions': '2.10.0',
  'cluster.tls': '2.10.0',
  'cluster.pool_size': '2.10.0',
  'cluster.compression': '2.10.0',
  'mqtt.ack_wait': '2.10.0',
  'mqtt.max_ack_pending': '2.10.0',
  'mqtt.stream_replicas': '2.10.0',
  'mqtt.consumer_replicas': '2.10.0',
  'mqtt.consumer_memory_storage': '2.10.0',
  'mqtt.consumer_inactive_threshold': '2.10.0',
  /** JWTs that a resolver in memory knows. */
  resolver_preload: '2.10.0',
};

/** Whether a server of that version takes another value of a key (dotted, such as `cluster.routes`) without a restart. */
export function isReloadable(key: string, version: string): boolean {
  const first = nearest(key);
  if (first === undefined) return false;
  const parsed = semver.parse(version, { loose: true });
  return !parsed || semver.gte(`${parsed.major}.${parsed.minor}.${parsed.patch}`, first);
}

/** What is said of a key, or else of the block that it is in. */
function nearest(key: string): string | undefined {
  const parts = key.split('.');
  for (let length = parts.length; length > 0; length--) {
    const said = reloadable[parts.slice(0, length).join('.')];
    if (said !== undefined) return said;
  }
  return undefined;
}
