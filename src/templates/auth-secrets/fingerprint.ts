import { createHash, scryptSync } from 'node:crypto';
import { type NatsCluster } from '../../resources/nats-cluster/nats-cluster';
import { type ServiceUser } from '../nats-conf/service-users';
import { type SecretReference, type Secrets } from '../secrets';
import { authSecretReferences } from './references';

/** Some 10 ms for each guess, and for each secret that is new to this process. */
const cost = 4096;

/**
 * Stands for what the secrets hold that authentication is made from: all that servers get, only what they take over with a
 * restart, or only what routes are let in with; undefined where there are none. Pods carry it, where who may not read secrets
 * can read it: so it is a hash that is slow to guess passwords with. `serviceUsers` count with it where they are given, also if
 * there are none, so that it changes when the last one goes.
 */
export function fingerprint(
  cluster: NatsCluster,
  secrets: Secrets,
  which: 'all' | 'restart' | 'routes',
  serviceUsers?: readonly ServiceUser[],
): string | undefined {
  const references = authSecretReferences(cluster.spec).filter(({ takenBy, field }) => {
    if (which === 'routes') return field === 'spec.auth.clusterAuthSecret';
    return takenBy === 'restart' || (which === 'all' && takenBy === 'reload');
  });
  return hashOf(cluster, references, secrets, serviceUsers);
}

function hashOf(
  { metadata }: NatsCluster,
  references: readonly SecretReference[],
  secrets: Secrets,
  serviceUsers?: readonly ServiceUser[],
) {
  const content = references.flatMap(({ secret, files }) => {
    const wanted = files.flatMap(({ keys }) => keys);
    const all = [...(secrets.get(secret) ?? [])].filter(([key]) => wanted.length === 0 || wanted.includes(key));
    return all.map(([key, value]) => [secret, key, value]);
  });
  // no secret has an empty name
  if (serviceUsers) content.push(['', 'service users', JSON.stringify(serviceUsers)]);
  if (content.length === 0) return undefined;
  const sorted = [...new Set(content.map((entry) => JSON.stringify(entry)))].sort();
  return slowHash(sorted.join('\n'), metadata.uid);
}

const known = new Map<string, string>();
const mostKnown = 10_000;

/** Stands for a text that nobody is to guess; the same text has another one with another salt. */
export function slowHash(text: string, salt = ''): string {
  const key = createHash('sha256').update(`${salt}\n${text}`).digest('base64');
  const found = known.get(key) ?? scryptSync(text, salt, 8, { N: cost }).toString('hex');
  if (known.size >= mostKnown) known.clear();
  known.set(key, found);
  return found;
}
