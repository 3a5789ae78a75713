import { X509Certificate } from 'node:crypto';
import { type NatsCluster } from '../resources/nats-cluster/nats-cluster';
import { memberAddress, routesServiceName } from './names';
import { hasPredecessors } from './predecessor';
import { keyIn, routesTls, type Secrets } from './secrets';

/**
 * What is wrong with the certificate of routes of a cluster with pods of nats-operator 0.8: it has the names of those pods, and
 * perhaps not those of members, which then could not reach each other. Told before any pod is touched.
 */
export function routeCertificateProblem(cluster: NatsCluster, secrets: Secrets) {
  const files = cluster.spec.tls && routesTls(cluster.spec.tls);
  if (!files || !hasPredecessors(cluster)) return undefined;
  const key = keyIn(secrets, files.secret, files.certificate);
  const text = key && secrets.get(files.secret)?.get(key);
  if (!text || isValidFor(text, memberAddress(cluster, 0))) return undefined;
  const names = `*.${routesServiceName(cluster)}.${cluster.metadata.namespace}.svc`;
  const wrong = `has a certificate in ${key} that is not valid for ${names}, the names of members: add them beside those of nats-operator 0.8`;
  return { secret: files.secret, field: 'spec.tls.routesSecret', wrong };
}

function isValidFor(certificate: string, name: string): boolean {
  try {
    return new X509Certificate(certificate).checkHost(name) !== undefined;
  } catch {
    return true; // one that can't be read is told of by others
  }
}
