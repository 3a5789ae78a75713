import { type NatsClusterSpec } from '../../resources/nats-cluster/spec';
import { type Block } from './nats-conf';
import { credentialNames } from './credential-names';

/** Who is asked whether a client may connect (server/opts.go, parseAuthCallout); undefined where nobody is. */
export function authCalloutBlock({ auth }: NatsClusterSpec): Block | undefined {
  const callout = auth?.callout;
  if (!callout) return undefined;
  const names = credentialNames(auth);
  return {
    issuer: callout.issuer,
    account: callout.account,
    auth_users: callout.authUsers.map((user) => names.get(user) ?? user),
    xkey: callout.xkey,
  };
}
