/** A value that stands for `include "<file>"` in place of its key: the file is read there, from the folder of nats.conf. */
export class Include {
  constructor(readonly file: string) {}
}

/** A value that stands for `$NAME`: the server takes it from its environment, which must have it in quotes. */
export class Variable {
  constructor(readonly name: string) {}
}

/**
 * One line of nats.conf: like JSON, as far as every server from 1.0.4 on reads it (conf/lex.go). Strings know only the escapes
 * \t \n \r \" \\ and \xXX; keys know none. Throws where a key has both kinds of quotes: see `isKey`.
 */
export function line(key: string, value: unknown): string {
  return `${quotedKey(key)}: ${text(value)}\n`;
}

/** Whether nats.conf can have such a key. */
export function isKey(key: string): boolean {
  return !(key.includes('"') && key.includes("'"));
}

function text(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Variable) return `$${value.name}`;
  if (Array.isArray(value)) return `[${value.map(text).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return `{${entries.map(([key, entry]: [string, unknown]) => entryText(key, entry)).join(',')}}`;
}

function entryText(key: string, value: unknown): string {
  // not `"include": ...`: a key in quotes is never the keyword
  return value instanceof Include ? `include ${quoted(value.file)}` : `${quotedKey(key)}:${text(value)}`;
}

function quoted(value: string): string {
  return JSON.stringify(value).replaceAll(/\\(u[0-9a-f]{4}|.)/g, (escape, what: string) => {
    if (what === 'b') return '\\x08';
    if (what === 'f') return '\\x0c';
    if (!what.startsWith('u')) return escape;
    const code = Number.parseInt(what.slice(1), 16);
    return code < 0x20 ? `\\x${what.slice(3)}` : '\ufffd'; // half a character, which no encoding can write
  });
}

function quotedKey(key: string): string {
  if (!isKey(key)) throw new Error('a key of nats.conf has both kinds of quotes');
  return key.includes('"') ? `'${key}'` : `"${key}"`;
}
