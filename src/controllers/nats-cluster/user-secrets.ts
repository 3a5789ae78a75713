import { type ApiClient } from '../../kubernetes/api-client';
import { type Cache } from '../../kubernetes/cache-store';
import { keyText, type Key, type StoredObject } from '../../kubernetes/object';
import { kinds } from '../../kubernetes/resource-kind';
import { type SecretValues } from '../../templates/secrets';

type StoredSecret = StoredObject & { readonly data?: Readonly<Record<string, string>> };

/** Of a secret only what tells it from others: an annotation that kubectl leaves holds its whole content. */
export function secretShape({ apiVersion, kind, metadata }: StoredObject): StoredObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion, creationTimestamp } };
}

/** Reads the secrets that users refer to. Only metadata is watched; a secret is read when it is needed and has changed. */
export class UserSecrets {
  private readonly known = new Map<string, { readonly values: SecretValues; readonly resourceVersion: string }>();

  constructor(
    private readonly client: Pick<ApiClient, 'get'>,
    /** Metadata of all secrets. */
    private readonly cache: Cache,
  ) {
    cache.subscribe(({ type, object }) => {
      if (type === 'DELETED') this.known.delete(keyText(object.metadata));
    });
  }

  /** The same secrets, read with another client. */
  with(client: Pick<ApiClient, 'get'>): Pick<UserSecrets, 'read'> {
    return { read: (key) => this.readBy(client, key) };
  }

  /** The secret as it is now; undefined where there is none. */
  read(key: Key): Promise<SecretValues | undefined> {
    return this.readBy(this.client, key);
  }

  private async readBy(client: Pick<ApiClient, 'get'>, key: Key): Promise<SecretValues | undefined> {
    const there = this.cache.get(key);
    if (!there) return undefined;
    const text = keyText(key);
    const known = this.known.get(text);
    if (known?.resourceVersion === there.metadata.resourceVersion) return known.values;
    const secret = await client.get<StoredSecret>(kinds.secret, key);
    if (!secret) return undefined;
    const { data = {}, metadata } = secret;
    const values = new Map(
      Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]),
    );
    this.known.set(text, { values, resourceVersion: metadata.resourceVersion });
    return values;
  }
}
