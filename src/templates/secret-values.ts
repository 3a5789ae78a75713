import { type Secrets } from './secrets';

/** One key of a secret. */
export interface KeyOfSecret {
  readonly name: string;
  readonly key: string;
}

/** What a key of a secret holds. Throws where it is not there. */
export function valueOf({ name, key }: KeyOfSecret, secrets: Secrets): string {
  const value = secrets.get(name)?.get(key);
  // the plan waits until it is there, so this is a bug, and a server that lets everybody in would be worse
  if (value === undefined) throw new Error(`secret ${name} has no key ${key}`);
  return value;
}
