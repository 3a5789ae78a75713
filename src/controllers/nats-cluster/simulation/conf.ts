import { createHash } from 'node:crypto';
import { configFile } from '../../../templates/config-secret';
import { configIdIn, withConfigId } from '../../../templates/nats-conf/config-id';
import { type Spec } from './model';

/**
 * `a` and `b` are taken over by a reload, `fixed` at a start only, although it looks like the others, and `bad` by no
 * server: one that has it in its file does not start.
 */
export type Setting = 'a' | 'b' | 'fixed' | 'bad';

/** What comes into a config beside the spec. */
interface Additions {
  /** Serial number of the certificate. */
  readonly serial?: string;
  /** Of the operator's user in the system account. */
  readonly password?: string;
  /** Whether there are routes to pods of nats-operator 0.8. */
  readonly besideOld: boolean;
}

/** What a server reads in its config. */
export type Conf = Pick<Spec, 'size' | 'tls' | 'setting'> & Additions & { readonly id?: string };

/** A config, and its id where servers can be asked to reload it. Like nats.conf it names all members. */
export function confOf(
  { size, tls, setting }: Pick<Spec, 'size' | 'tls' | 'setting'>,
  additions: Additions,
): { text: string; id?: string } {
  // as with real ones the routes to other members are no part of the id
  const said = { tls, setting, ...additions };
  const { password } = additions;
  const id = password && createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 16);
  return { text: JSON.stringify({ size, ...said, ...(id && withConfigId({}, id)) }), id };
}

const read = new Map<string, Conf>();

/** What a server reads in a config. */
export function confIn(text: string): Conf {
  const known = read.get(text);
  if (known) return known;
  const { server_tags: tags, ...said } = JSON.parse(text) as Conf & { readonly server_tags?: unknown };
  const conf = { ...said, id: configIdIn(tags) };
  read.set(text, conf);
  return conf;
}

const decoded = new Map<string, string>();

/** The text in a config secret. */
export function textIn({ data }: { readonly data: Readonly<Record<string, string>> }): string {
  const encoded = data[configFile] ?? '';
  const known = decoded.get(encoded);
  if (known !== undefined) return known;
  const text = Buffer.from(encoded, 'base64').toString();
  decoded.set(encoded, text);
  return text;
}
