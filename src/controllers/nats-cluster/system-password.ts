import { randomBytes } from 'node:crypto';
import { systemUser } from '../../templates/nats-conf/system-account';
import { configFile, passwordKeys, rotatedAnnotation, type SystemPassword } from '../../templates/config-secret';
import { keyText, type Key, type StoredObject } from '../../kubernetes/object';
import { rotateAnnotation } from '../../templates/names';

/** As `withSystemUser` and `line` write it. */
const passwordInConf = new RegExp(`"user":"${systemUser}","password":"([\\w-]+)"`);

type StoredSecret = StoredObject & { readonly data?: Readonly<Record<string, string>> };

/**
 * The passwords of the operator's users in the system accounts of clusters. Each is kept in its cluster's config secret; what
 * is remembered here only spares a cluster whose secret was deleted by hand the restarts that a new password takes.
 */
export class SystemPasswords {
  private readonly seen = new Map<string, { readonly uid: string; readonly password: SystemPassword }>();

  constructor(private readonly random: () => string = () => randomBytes(24).toString('base64url')) {}

  /**
   * The password in the config secret, or a new one where there never was one or a person asks for another
   * (`rotateAnnotation`). It is made here, outside of plans, and exists from the write of the secret on, together with the
   * config that has it: whoever dies before that write has given it to nobody.
   */
  of(cluster: { readonly metadata: StoredObject['metadata'] }, secret: StoredSecret | undefined): SystemPassword {
    const { uid, annotations } = cluster.metadata;
    const rotation = annotations?.[rotateAnnotation];
    const key = keyText(cluster.metadata);
    const stored = passwordIn(secret);
    if (stored) this.seen.set(key, { uid, password: stored });
    const seen = this.seen.get(key);
    const kept = seen?.uid === uid ? seen.password : undefined;
    if (!kept) return { now: this.random(), rotation };
    // an annotation that was taken away asks for nothing
    if (rotation === undefined || rotation === kept.rotation) return kept;
    return { now: this.random(), before: kept.now, rotation };
  }

  forget(cluster: Key): void {
    this.seen.delete(keyText(cluster));
  }
}

/** The passwords that a config secret holds. Where a person took the key away or wrote another password into it, what servers know is still in their nats.conf. */
export function passwordIn(secret: StoredSecret | undefined): SystemPassword | undefined {
  const [, known] = passwordInConf.exec(valueOf(secret, configFile) ?? '') ?? [];
  const now = valueOf(secret, passwordKeys.now) ?? known;
  if (now === undefined) return undefined;
  return {
    now,
    before: known === undefined || known === now ? valueOf(secret, passwordKeys.before) : known,
    rotation: secret?.metadata.annotations?.[rotatedAnnotation],
  };
}

function valueOf(secret: StoredSecret | undefined, key: string): string | undefined {
  const value = secret?.data?.[key];
  return value ? Buffer.from(value, 'base64').toString() : undefined;
}
