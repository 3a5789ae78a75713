import { type ApiClient } from '../../kubernetes/api-client';
import { type Key, type StoredObject } from '../../kubernetes/object';
import { kinds, type ResourceKind } from '../../kubernetes/resource-kind';
import { clusterLabel } from '../../templates/names';
import {
  accountAnnotation,
  expiresAnnotation,
  issuedAnnotation,
  previousTokenKey,
  takenAnnotation,
  tokenAudience,
  tokenKey,
  tokenSecretMarks,
} from '../../templates/token-secret';
import { type Account, type TokenSecret } from './plan/situation';
import { type Action } from './plan/plan';
import { lifetimeSeconds, passwordIn } from './plan/tokens';

type Client = Pick<ApiClient, 'get' | 'create' | 'createFrom' | 'mergePatch' | 'delete'>;

/** Whether it was done, or the world had changed since it was looked at. */
export type Outcome = 'done' | 'stale';

/** Something that a plan was made from; not there where nothing was seen. */
export interface Evidence {
  readonly kind: ResourceKind;
  readonly key: Key;
  readonly seen?: StoredObject;
}

/**
 * Does one thing of a plan, without judgement. `evidence` is looked at again before something is taken away. Throws what the API
 * server refuses.
 */
export async function act(
  client: Client,
  action: Action,
  evidence: readonly Evidence[],
  now: number,
): Promise<Outcome> {
  switch (action.do) {
    case 'create':
      await client.create(kinds.secret, action.secret);
      return 'done';
    case 'issue':
      await issue(client, action, now);
      return 'done';
    case 'switch':
      await patch(client, action.secret, {
        metadata: { annotations: { [takenAnnotation]: new Date(now).toISOString() } },
      });
      return 'done';
    case 'forget':
      await patch(client, action.secret, {
        metadata: { annotations: { [takenAnnotation]: null } },
        data: { [previousTokenKey]: null },
      });
      return 'done';
    case 'mark': {
      const { namespace = '' } = action.secret.metadata;
      const metadata = tokenSecretMarks({ role: action.role.metadata, cluster: action.cluster, namespace });
      await patch(client, action.secret, { metadata });
      return 'done';
    }
    case 'delete':
      return takeAway(client, action.secret, evidence);
  }
}

/** What the TokenRequest API answers (authentication.k8s.io/v1). */
interface TokenRequest {
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
}

async function issue(
  client: Client,
  { secret, account, cluster }: { secret: TokenSecret; account: Account; cluster: string },
  now: number,
): Promise<void> {
  const { namespace, uid } = account.metadata;
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: [tokenAudience(cluster, namespace)],
      expirationSeconds: lifetimeSeconds,
      // whoever deletes the Secret makes the token worthless everywhere
      boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: secret.metadata.name, uid: secret.metadata.uid },
    },
  };
  const { status } = (await client.createFrom(
    kinds.serviceAccount,
    account.metadata,
    'token',
    request,
  )) as TokenRequest;
  const before = passwordIn(secret);
  await patch(client, secret, {
    metadata: {
      annotations: {
        [accountAnnotation]: uid,
        [issuedAnnotation]: new Date(now).toISOString(),
        [expiresAnnotation]: status.expirationTimestamp,
        [takenAnnotation]: null,
      },
    },
    data: { [tokenKey]: encoded(status.token), [previousTokenKey]: before === undefined ? null : encoded(before) },
  });
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

async function patch(
  client: Client,
  { metadata }: TokenSecret,
  change: Parameters<Client['mergePatch']>[2],
): Promise<void> {
  const { uid, resourceVersion } = metadata;
  await client.mergePatch(kinds.secret, metadata, change, { uid, resourceVersion });
}

/**
 * Only where role, service account and cluster still are what the plan was made from: a cache may not have heard of one that
 * was just made.
 */
async function takeAway(client: Client, secret: TokenSecret, evidence: readonly Evidence[]): Promise<Outcome> {
  for (const { kind, key, seen } of evidence) {
    if (identityOf(await client.get(kind, key)) !== identityOf(seen)) return 'stale';
  }
  const { uid, resourceVersion } = secret.metadata;
  await client.delete(kinds.secret, secret.metadata, { uid, resourceVersion });
  return 'done';
}

/** What a plan reads of an object beside its spec; nothing where it is gone or on its way out. */
function identityOf(object: StoredObject | undefined): string | undefined {
  if (!object || object.metadata.deletionTimestamp) return undefined;
  const { uid, generation, labels } = object.metadata;
  return JSON.stringify([uid, generation, object.kind === kinds.serviceAccount.kind ? '' : labels?.[clusterLabel]]);
}
