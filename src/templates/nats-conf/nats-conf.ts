import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { monitoringPort, clientPort } from '../names';
import { serverTls, type Secrets } from '../secrets';
import { advertised } from './advertise';
import { authentication } from './authorization';
import { clusterBlock } from './cluster';
import { gatewayBlock } from './gateway';
import { jetStreamBlock, streamsOf } from './jetstream';
import { lameDuck } from './lame-duck';
import { leafnodesBlock } from './leafnodes';
import { limits } from './limits';
import { type ServiceUser } from './service-users';
import { mqttBlock } from './mqtt';
import { withSystemAccount } from './system-account';
import { line } from './text';
import { mountFolders, tlsBlock } from './tls';
import { websocketBlock } from './websocket';

/** Keys and values of nats.conf. */
export type Block = Record<string, unknown>;

/**
 * nats.conf of all members of a cluster: one line a top-level key, `"key": <value>`, much like JSON (`text.ts`). Every server
 * from 1.0.4 on reads that, 1.0.4 refuses the braces around it. It does not change when pods do.
 * `serviceUsers` may connect beside the users of the spec.
 */
export function natsConf(cluster: NatsCluster, secrets: Secrets, serviceUsers: readonly ServiceUser[] = []): string {
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
  return Object.entries(merged(block, spec.config ?? {}))
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
