import { has } from '../../nats/capabilities';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { monitoringPort, clientPort } from '../names';
import { serverTls, tlsContents, type Secrets } from '../secrets';
import { advertised } from './advertise';
import { authentication } from './authorization';
import { clusterBlock } from './cluster';
import { gatewayBlock } from './gateway';
import { configId, withConfigId } from './config-id';
import { jetStreamBlock, streamsOf } from './jetstream';
import { lameDuck } from './lame-duck';
import { leafnodesBlock } from './leafnodes';
import { limits } from './limits';
import { type ServiceUser } from './service-users';
import { mqttBlock } from './mqtt';
import { withSystemAccount } from './system-account';
import { line } from './text';
import { hasSystemUser, withSystemUser } from './system-account';
import { mountFolders, tlsBlock } from './tls';
import { websocketBlock } from './websocket';

/** Keys and values of nats.conf. */
export type Block = Record<string, unknown>;

export interface NatsConf {
  /** What the servers read. */
  readonly text: string;
  /** Stands for what the config says, and is in it; undefined where servers can't be asked to reload it. */
  readonly id?: string;
  /** Whether the operator has a user of its own in the system account. */
  readonly hasUser: boolean;
}

/**
 * nats.conf of all members of a cluster: one line a top-level key, `"key": <value>`, much like JSON (`text.ts`). Every server
 * from 1.0.4 on reads that, 1.0.4 refuses the braces around it. It does not change when pods do.
 * `serviceUsers` may connect beside the users of the spec. `systemPassword` is that of the operator's own user in
 * the system account, which is there where the config has a place for it.
 */
export function renderedConf(
  cluster: NatsCluster,
  secrets: Secrets,
  serviceUsers: readonly ServiceUser[],
  systemPassword: string | undefined,
): NatsConf {
  const { version } = cluster.spec;
  const block = blockOf(cluster, secrets, serviceUsers);
  const hasUser = systemPassword !== undefined && hasSystemUser(version, block);
  // also while the secret is not there: that is no reason to restart
  const hasCredentials = cluster.spec.auth?.operator?.systemUserSecret !== undefined && has(version, 'reload');
  if (systemPassword === undefined || !(hasUser || hasCredentials)) return { text: textOf(block), hasUser: false };
  const full = hasUser ? withSystemUser(block, systemPassword) : block;
  // servers read the files of certificates again with the config
  const id = configId(cluster, full, systemPassword, tlsContents(cluster, secrets));
  return { text: textOf(withConfigId(full, id)), id, hasUser };
}

/** The text of nats.conf without a user of ours. */
export function natsConf(cluster: NatsCluster, secrets: Secrets, serviceUsers: readonly ServiceUser[] = []): string {
  return renderedConf(cluster, secrets, serviceUsers, undefined).text;
}

/** The credentials of the operator in a system account that comes with a JWT; undefined where the spec names none, or none are there. */
export function systemCredentials({ spec }: NatsCluster, secrets: Secrets): string | undefined {
  const named = spec.auth?.operator?.systemUserSecret;
  return named && secrets.get(named.name)?.get(named.key);
}

function blockOf(cluster: NatsCluster, secrets: Secrets, serviceUsers: readonly ServiceUser[]): Block {
  const { spec } = cluster;
  const tls = spec.tls && serverTls(spec.tls);
  const block: Block = {
    port: clientPort,
    client_advertise: advertised(spec),
    [spec.tls?.enableHttps ? 'https_port' : 'http_port']: monitoringPort,
    debug: spec.logging.debug || undefined,
    trace: spec.logging.trace || undefined,
    logtime: spec.natsConfig?.disableLogtime ? false : undefined,
    ...limits(spec),
    ...lameDuck(spec),
    jetstream: jetStreamBlock(cluster, secrets),
    cluster: streamsOf(spec) === 'one-server' ? undefined : clusterBlock(cluster, secrets),
    tls:
      tls &&
      tlsBlock(mountFolders.server, tls, secrets, {
        timeout: spec.tls?.clientsTLSTimeout,
        verify: spec.tls?.verify || undefined,
        verify_and_map: spec.auth?.tlsVerifyAndMap || undefined,
        cipher_suites: spec.tls?.cipherSuites,
        curve_preferences: spec.tls?.curvePreferences,
      }),
    gateway: gatewayBlock(cluster, secrets),
    leafnodes: leafnodesBlock(cluster, secrets),
    websocket: websocketBlock(spec, secrets),
    mqtt: mqttBlock(spec, secrets),
    ...withSystemAccount(spec, authentication(spec, secrets, serviceUsers)),
  };
  return merged(block, spec.config ?? {});
}

function textOf(block: Block): string {
  return Object.entries(block)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => line(key, value))
    .join('');
}

/** `free` over `block`: objects are merged, everything else is replaced. */
function merged(block: Block, free: Block): Block {
  const result = { ...block };
  for (const [key, value] of Object.entries(free)) {
    const own = result[key];
    result[key] = isBlock(own) && isBlock(value) ? merged(own, value) : value;
  }
  return result;
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
