import { nameOf, type Command } from '../../../nats/commands';
import { denials, type Denial } from '../../../nats/system-client';
import { type Pod } from './situation';

/** Annotation of a pod: the commands that its server, or the way to it, did not grant. A granted one is taken out. */
export const deniedAnnotation = 'nats.io/denied';

/** Older ones are of no use any more. */
const mostKept = 8;

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
  return recordsIn(pod.metadata.annotations?.[deniedAnnotation]).get(nameOf(command));
}

/** What is kept on the pod when a command was denied, beside what `before` says of others. */
export function recordOfDenied(command: Command, { denial, words }: Denied, before?: string): string {
  const records = recordsIn(before);
  const known = records.get(nameOf(command));
  if (before !== undefined && known?.denial === denial && known.words === words) return before;
  const others = [...records].filter(([name]) => name !== nameOf(command)).slice(1 - mostKept);
  return JSON.stringify(Object.fromEntries([...others, [nameOf(command), { denial, words }]]));
}

/** What is kept on the pod when a command was granted: what `before` says of others; undefined where that is nothing. */
export function recordOfGranted(command: Command, before: string | undefined): string | undefined {
  const others = [...recordsIn(before)].filter(([name]) => name !== nameOf(command));
  return others.length > 0 ? JSON.stringify(Object.fromEntries(others)) : undefined;
}

/** What a person may have edited is read with care. */
function recordsIn(text: string | undefined): Map<string, Denied> {
  if (text === undefined) return new Map();
  try {
    const entries = Object.entries((JSON.parse(text) ?? {}) as Record<string, unknown>);
    return new Map(
      entries.flatMap(([command, value]): [string, Denied][] => {
        const { denial, words } = (value ?? {}) as Record<string, unknown>;
        const known = denials.find((each) => each === denial);
        return known && typeof words === 'string' ? [[command, { denial: known, words }]] : [];
      }),
    );
  } catch {
    return new Map();
  }
}
