import { nameOf, type Command } from '../../../nats/commands';
import { type Denial } from '../../../nats/system-client';
import { type Pod } from './situation';

/** Annotation of a pod: the last command that its server, or the way to it, did not grant. A granted one takes it away. */
export const deniedAnnotation = 'nats.io/denied';

/** Why a command was not granted. */
export interface Denied {
  readonly denial: Denial;
  /** In the server's own words, where it gave some. */
  readonly words: string;
}

/**
 * Whether this command is known to be denied by the server of a pod, and why. It is kept on the pod, so that a plan can
 * tell what was tried whoever tried it, and a person can see it.
 */
export function deniedBy(pod: Pod, command: Command): Denied | undefined {
  const record = readRecord(pod.metadata.annotations?.[deniedAnnotation]);
  return record?.command === nameOf(command) ? record : undefined;
}

/** What is kept on the pod. */
export function recordOfDenied(command: Command, { denial, words }: Denied): string {
  return JSON.stringify({ command: nameOf(command), denial, words });
}

/** What a person may have edited is read with care. */
function readRecord(text: string | undefined): (Denied & { readonly command: string }) | undefined {
  try {
    const { command, denial, words } = JSON.parse(text ?? '{}') as Record<string, unknown>;
    if (typeof command !== 'string' || typeof words !== 'string') return undefined;
    const known = (['refused', 'locked-out', 'unreachable'] as const).find((each) => each === denial);
    return known && { command, denial: known, words };
  } catch {
    return undefined;
  }
}
