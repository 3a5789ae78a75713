import { encryptionAnnotation } from '../../../../templates/names';
import { trouble, type Step } from '../step';
import { listed, type View } from '../survey';

/**
 * A server opens no file that was written with a key that it is not told, neither as its own nor as the one before. So a new
 * key without the one before is not even written into the config, where a server that restarts by itself would find it.
 */
export function guardKey({ wanted, members, surplus }: View): readonly Step[] {
  const encryption = wanted?.encryption;
  if (!encryption) return [];
  const { secret, now, before } = encryption;
  const locked = [...members, ...surplus].filter(({ pod, pods }) =>
    (pod ? [pod] : pods).some((each) => {
      const key = each.pod.metadata.annotations?.[encryptionAnnotation];
      return key !== undefined && key !== now && key !== before;
    }),
  );
  if (locked.length === 0) return [];
  const because = `secret ${secret.name}, which spec.jetstream.encryption.keySecret refers to, has under ${secret.key} another key than the streams of ${listed(locked.map(({ name }) => name))} are encrypted with: put the old value back, or keep it in a secret that spec.jetstream.encryption.previousKeySecret names. Nothing is changed until then`;
  return [trouble('SecretInvalid', because)];
}
