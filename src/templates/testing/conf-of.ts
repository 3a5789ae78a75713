import { aCluster } from '../../resources/testing/a-cluster';
import { natsConf } from '../nats-conf/nats-conf';
import { type Secrets } from '../secrets';

/** nats.conf of a cluster named `nats` with that spec, as an object. */
export function confOf(spec: Record<string, unknown>, secrets: Secrets = new Map()): Record<string, unknown> {
  const text = natsConf(aCluster(spec), secrets);
  return JSON.parse(`{${text.trim().split('\n').join(',')}}`) as Record<string, unknown>;
}
