import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { readCredentials, type Credentials } from '../auth-secrets/credentials';
import { type Secrets } from '../secrets';
import { type Block } from './nats-conf';

/** What the servers of other members must say to be let in; undefined where everyone is. */
export function clusterAuthorization({ auth }: NatsClusterSpec, secrets: Secrets): Block | undefined {
  return authorization(credentialsOf(auth?.clusterAuthSecret, secrets), auth?.clusterAuthTimeout);
}

/** What gateways of other clusters must say to be let in, for the block `gateway`; undefined where everyone is. */
export function gatewayAuthorization({ auth }: NatsClusterSpec, secrets: Secrets): Block | undefined {
  return authorization(credentialsOf(auth?.gatewayAuthSecret, secrets), auth?.gatewayAuthTimeout);
}

/** URL of a route to that host and port, with the credentials that the members of this cluster have. */
export function routeUrl(address: string, { auth }: NatsClusterSpec, secrets: Secrets): string {
  const credentials = credentialsOf(auth?.clusterAuthSecret, secrets);
  if (!credentials) return `nats://${address}`;
  const { username, password } = credentials;
  return `nats://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${address}`;
}

function authorization(credentials: Credentials | undefined, seconds: number | undefined): Block | undefined {
  if (!credentials && seconds === undefined) return undefined;
  return {
    user: credentials?.username,
    password: credentials?.password,
    timeout: seconds || credentials?.timeout || undefined,
  };
}

function credentialsOf(secret: string | undefined, secrets: Secrets): Credentials | undefined {
  if (!secret) return undefined;
  const values = secrets.get(secret);
  // the plan waits until it is there, so this is a bug, and routes that let everybody in would be worse
  if (!values) throw new Error(`secret ${secret} is not there`);
  return readCredentials(values);
}
