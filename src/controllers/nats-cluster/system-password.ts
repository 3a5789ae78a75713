import { randomBytes } from 'node:crypto';
import { type StoredObject } from '../../kubernetes/object';
import { passwordKeys, rotatedAnnotation, type SystemPassword } from '../../templates/config-secret';
import { rotateAnnotation } from '../../templates/names';

type StoredSecret = StoredObject & { readonly data?: Readonly<Record<string, string>> };

/**
 * The password of the operator's user in the system account: the one in the config secret, or a new one where there is none
 * or a person asks for another (`rotateAnnotation`). It is made here, outside of plans, and exists from the write of the
 * secret on, together with the config that has it: whoever dies before that write has given it to nobody.
 */
export function systemPassword(
  cluster: { readonly metadata: StoredObject['metadata'] },
  secret: StoredSecret | undefined,
  random: () => string = () => randomBytes(24).toString('base64url'),
): SystemPassword {
  const rotation = cluster.metadata.annotations?.[rotateAnnotation];
  const now = valueOf(secret, passwordKeys.now);
  if (now === undefined) return { now: random(), rotation };
  const made = secret?.metadata.annotations?.[rotatedAnnotation];
  // an annotation that was taken away asks for nothing
  if (rotation === undefined || rotation === made) {
    return { now, before: valueOf(secret, passwordKeys.before), rotation: made };
  }
  return { now: random(), before: now, rotation };
}

function valueOf(secret: StoredSecret | undefined, key: string): string | undefined {
  const value = secret?.data?.[key];
  return value ? Buffer.from(value, 'base64').toString() : undefined;
}
