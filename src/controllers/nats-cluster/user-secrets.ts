import { type ApiClient } from '../../kubernetes/api-client';
import { type Cache } from '../../kubernetes/cache-store';
import { keyText, type Key, type StoredObject } from '../../kubernetes/object';
import { kinds } from '../../kubernetes/resource-kind';

/** What the operator keeps of a user's secret: its keys, and what is public in it. */
export interface UserSecret {
  readonly keys: ReadonlySet<string>;
  /** The values that are certificates, by key, as PEM. */
  readonly certificates: ReadonlyMap<string, string>;
}

type StoredSecret = StoredObject & { readonly data?: Readonly<Record<string, string>> };

/** Reads the secrets that users refer to. Only metadata is watched; a secret is read when it is needed and has changed. */
export class UserSecrets {
  private readonly known = new Map<string, UserSecret & { readonly resourceVersion: string }>();

  constructor(
    private readonly client: Pick<ApiClient, 'get'>,
    /** Metadata of all secrets. */
    private readonly cache: Cache,
  ) {
    cache.subscribe(({ type, object }) => {
      if (type === 'DELETED') this.known.delete(keyText(object.metadata));
    });
  }

  /** The secret as it is now; undefined where there is none. */
  async read(key: Key): Promise<UserSecret | undefined> {
    const there = this.cache.get(key);
    if (!there) return undefined;
    const text = keyText(key);
    const known = this.known.get(text);
    if (known?.resourceVersion === there.metadata.resourceVersion) return known;
    const secret = await this.client.get<StoredSecret>(kinds.secret, key);
    if (!secret) return undefined;
    const { data = {}, metadata } = secret;
    const read = {
      keys: new Set(Object.keys(data)),
      certificates: certificatesIn(data),
      resourceVersion: metadata.resourceVersion,
    };
    this.known.set(text, read);
    return read;
  }
}

function certificatesIn(data: Readonly<Record<string, string>>): Map<string, string> {
  const texts = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()] as const);
  return new Map(texts.filter(([, text]) => text.startsWith('-----BEGIN CERTIFICATE-----')));
}
