import { type SecretValues } from '../secrets';

/** What is wrong with the content of a secret, as the end of the sentence "secret s ...", with the cure and without values. */
export interface Wrong {
  readonly wrong: string;
}

/** An object in a secret, and the key that it is under. */
export interface JsonObject {
  readonly key: string;
  readonly object: Record<string, unknown>;
}

/** Why a secret is not the one key of JSON that it should be; undefined where it is. */
export function jsonProblem(values: SecretValues): Wrong | undefined {
  const [key, ...others] = values.keys();
  if (key === undefined || others.length > 0) {
    const found = key === undefined ? 'none' : listed([...values.keys()]);
    return { wrong: `must have exactly one key, whose value is JSON, and has ${found}: remove what is not needed` };
  }
  return isObject(parsed(values.get(key) ?? ''))
    ? undefined
    : { wrong: `has under its key ${key} what is not a JSON object: write one as in {"users": []}` };
}

/**
 * The JSON of a secret with one key, as nats-operator 0.8 has it. Names are in lower case, as neither 0.8 nor servers care.
 * Throws where `jsonProblem` says something.
 */
export function readJson(values: SecretValues): JsonObject {
  const [key = ''] = values.keys();
  const object = lowered(parsed(values.get(key) ?? ''));
  if (!isObject(object)) throw new Error(`key ${key} is not a JSON object`); // without what it is
  return { key, object };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names, shortened where they are many. */
export function listed(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the error of JSON.parse quotes what it reads, which is secret
  }
}

function lowered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowered);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key.toLowerCase(), lowered(entry)]));
}
