import { configFile, isConfigSecret, previousFile, refusedAnnotation } from '../../../templates/config-secret';
import { configAnnotation, restartHashAnnotation } from '../../../templates/names';
import { configIdInText } from '../../../templates/nats-conf/config-id';
import { type NewObject } from '../../../kubernetes/object';
import { covers } from './covers';
import { refusalBy } from './pod-config';
import { complaintIn } from '../../../nats/complaint';
import { hasServed, lastWords } from './pod-state';
import { type Pod, type Wanted } from './situation';
import { isAlive, isReady, isSettled, type View } from './survey';
import { toldOf } from './told';

/** A config that a server refused, as it is noted on the config secret. */
interface Refusal {
  readonly config: string;
  /** What pods of that spec are made from: those of another one may take the same config. */
  readonly made: string;
  /** Who refused it, in which words. */
  readonly words: string;
}

/**
 * The config secret as it is to be written. Members start from it, so what a server refuses must not stay there. While a
 * new config is on its way to the members, the one before is kept beside it. When a server refuses the new one, the one before
 * takes its place again, in the same write that notes what was refused, until the spec asks for something else. All of this is in
 * the secret, so that an operator that starts at any moment goes on from there.
 */
export function guardConfig(view: View, secret: NewObject): NewObject {
  const { wanted } = view;
  if (wanted?.config === undefined || !isConfigSecret(secret, view.cluster)) return secret;
  const words = refusalOf(view);
  if (words === undefined) {
    const before = isSettled(view) ? undefined : lastGood(view, wanted);
    return before === undefined ? secret : withData(secret, { [previousFile]: before });
  }
  const good = lastGood(view, wanted);
  if (good === undefined) return secret;
  const refusal: Refusal = { config: wanted.config, made: wanted.restartHash, words };
  const annotations = { ...partsOf(secret).annotations, [refusedAnnotation]: JSON.stringify(refusal) };
  const marked = { ...secret, metadata: { ...secret.metadata, annotations } };
  return withData(marked, { [configFile]: good });
}

/** Whether the live secret holds something of a change that has ended. */
export function isLeftOver(live: NewObject, secret: NewObject): boolean {
  const [before, after] = [partsOf(live), partsOf(secret)];
  return (
    (previousFile in before.data && !(previousFile in after.data)) ||
    (refusedAnnotation in before.annotations && !(refusedAnnotation in after.annotations))
  );
}

/** Who refused the config that the spec asks for, in which words; undefined where nobody did. */
export function refusalOf(view: View): string | undefined {
  const { wanted, members, surplus } = view;
  if (wanted?.config === undefined) return undefined;
  if (isNoted(view)) return noteIn(view)?.words;
  // where one serves with it, what another says at its start is about something of its own, such as its volume; and what
  // the secret does not hold nobody starts with
  const isTried = configWritten(view) === wanted.config && !isServedWith(view, wanted.config);
  for (const { name, pods } of [...members, ...surplus]) {
    for (const { pod } of pods.filter(isAlive)) {
      const words = refusalBy(pod, wanted) ?? (isTried ? refusalAtStart(pod, wanted) : undefined);
      if (words !== undefined) return `${name} refuses it: ${words}`;
    }
  }
  return undefined;
}

/** Whether the secret says that the config which the spec asks for was refused: then it holds the one before. */
export function isNoted(view: View): boolean {
  const note = noteIn(view);
  return note !== undefined && note.config === view.wanted?.config && note.made === view.wanted.restartHash;
}

/** Id of the config that members start with, when this plan is done; undefined where it has none. */
export function configInForce(view: View): string | undefined {
  const { wanted } = view;
  const good = wanted && refusalOf(view) !== undefined ? lastGood(view, wanted) : undefined;
  // one without an id is at least not the one that the spec asks for
  return good === undefined ? wanted?.config : (idOf(good) ?? '');
}

/** Id of the config that the secret holds now, empty where that has none; undefined where there is no secret. */
export function configWritten(view: View): string | undefined {
  const { [configFile]: inForce } = secretOf(view).data;
  return inForce === undefined ? undefined : (idOf(inForce) ?? '');
}

/** Whether servers that start read what the spec asks for. */
export function isConfigWritten({ wanted, objects, cluster }: View): boolean {
  const [live, asked] = [objects, wanted?.objects].map((some) =>
    some?.find((object) => isConfigSecret(object, cluster)),
  );
  return asked !== undefined && covers(live, asked);
}

/** The config, as data of the secret, that is known to be good, beside the one that the spec asks for; undefined where there is none. */
function lastGood(view: View, { config }: Wanted): string | undefined {
  const { [configFile]: inForce, [previousFile]: previous } = secretOf(view).data;
  const isNew = inForce === undefined || idOf(inForce) === config;
  if (isNew) return previous !== undefined && idOf(previous) !== config ? previous : undefined;
  return previous === undefined || isServedWith(view, idOf(inForce)) ? inForce : previous;
}

/** Whether a member serves with the config of that id. */
function isServedWith({ members }: View, id: string | undefined): boolean {
  return members.some((member) => isReady(member) && member.pod?.pod.metadata.annotations?.[configAnnotation] === id);
}

/**
 * What a server said of the config that its pod was made with, when it did not even start with it. One that was told of a config
 * since may have said it of another one.
 */
function refusalAtStart(pod: Pod, wanted: Wanted): string | undefined {
  const { [configAnnotation]: config, [restartHashAnnotation]: made } = pod.metadata.annotations ?? {};
  if (config !== wanted.config || made !== wanted.restartHash || hasServed(pod) || toldOf(pod)) return undefined;
  return complaintIn(lastWords(pod));
}

/** What a person may have edited is read with care. */
function noteIn(view: View): Refusal | undefined {
  try {
    const { config, made, words } = JSON.parse(
      secretOf(view).annotations[refusedAnnotation] ?? '{}',
    ) as Partial<Refusal>;
    const isWhole = [config, made, words].every((part) => typeof part === 'string');
    return isWhole ? ({ config, made, words } as Refusal) : undefined;
  } catch {
    return undefined;
  }
}

function idOf(data: string): string | undefined {
  return configIdInText(Buffer.from(data, 'base64').toString());
}

interface Parts {
  readonly data: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

function secretOf({ objects, cluster }: View): Parts {
  return partsOf(objects.find((object) => isConfigSecret(object, cluster)));
}

function partsOf(secret: NewObject | undefined): Parts {
  const { data, metadata } = (secret ?? {}) as { data?: Parts['data']; metadata?: Partial<Parts> };
  return { data: data ?? {}, annotations: metadata?.annotations ?? {} };
}

function withData(secret: NewObject, data: Record<string, string>): NewObject {
  return { ...secret, data: { ...partsOf(secret).data, ...data } } as NewObject;
}
