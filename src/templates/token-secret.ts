import { group, natsServiceRoleNames, storageVersion } from '../resources/api';
import { clusterLabel } from './names';

/** Label of a Secret with the token of a service account: namespace of the NatsServiceRole. The operator's cache selects by it. */
export const roleNamespaceLabel = 'nats.io/service-role-namespace';

/** Annotation: name of the NatsServiceRole. No label, whose value has at most 63 characters. */
export const roleAnnotation = 'nats.io/service-role';

/** Annotation: uid of the service account that the token was made for. One that is made again gets another token. */
export const accountAnnotation = 'nats.io/service-account-uid';

/** Annotations: when the token was issued and when it expires, RFC 3339. */
export const issuedAnnotation = 'nats.io/token-issued';
export const expiresAnnotation = 'nats.io/token-expires';

/** Key of the token, as nats-operator 0.8 had it. */
export const tokenKey = 'token';

/** Annotation: when the servers were told to take the new token in place of the one before, RFC 3339. */
export const takenAnnotation = 'nats.io/token-taken';

/** Key of the token before, while there may be servers that take that one. */
export const previousTokenKey = 'previous-token';

/** The longest name that an object may have. */
export const longestName = 253;

/** Where the token of a service account is published: in its namespace. */
export function tokenSecretName(role: string, cluster: string): string {
  return `${role}-${cluster}-bound-token`;
}

/** Whom a token is for, so that the API server itself does not take it. As 0.8 had it, with the account's namespace. */
export function tokenAudience(cluster: string, namespace: string): string {
  return `nats://${cluster}.${namespace}.svc`;
}

interface Of {
  readonly role: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly cluster: string;
  /** Namespace of the service account. */
  readonly namespace: string;
}

/** What marks a Secret as the one with a role's token. */
export function tokenSecretMarks({ role, cluster }: Of) {
  return {
    labels: { app: 'nats', [clusterLabel]: cluster, [roleNamespaceLabel]: role.namespace },
    annotations: { [roleAnnotation]: role.name },
  };
}

/** The Secret before it has a token: a token is bound to it, so it must be there first. */
export function tokenSecret(of: Of) {
  const { role, cluster, namespace } = of;
  const owner = {
    apiVersion: `${group}/${storageVersion}`,
    kind: natsServiceRoleNames.kind,
    name: role.name,
    uid: role.uid,
    controller: true,
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: tokenSecretName(role.name, cluster),
      namespace,
      ...tokenSecretMarks(of),
      // an owner in another namespace counts as gone, and the Secret would be collected as garbage
      ...(namespace === role.namespace && { ownerReferences: [owner] }),
    },
    type: 'Opaque',
  };
}
