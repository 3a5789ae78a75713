import { type StructuralSchema } from './structural';

/** Something wrong with a value: where, and what must hold instead. */
export interface Problem {
  /** Path of the field, such as `spec.auth.users[0].name`. */
  readonly field: string;
  readonly message: string;
}

/** The warning about a field that nobody knows. */
export function unknownField(field: string): Problem {
  return { field, message: 'is not a field that this version of the operator knows: it has no effect' };
}

/** What a schema says about a value. */
export interface Conformance {
  readonly problems: Problem[];
  /** Fields that the schema does not know; the API server would prune them. */
  readonly unknown: Problem[];
}

const patterns = new Map<string, RegExp>();

/**
 * Checks a value of a built-in Kubernetes type against its schema, as the API server does: types, patterns, required
 * fields, entries of list-maps. null counts as absent.
 */
export function conform(
  schema: StructuralSchema,
  value: unknown,
  path: string,
  found: Conformance = { problems: [], unknown: [] },
): Conformance {
  if (value === null || value === undefined) return found;
  const wrong = mismatch(schema, value);
  if (wrong) found.problems.push({ field: path, message: wrong });
  else if (Array.isArray(value)) conformList(schema, value, path, found);
  else if (isObject(value)) conformObject(schema, value, path, found);
  return found;
}

function mismatch(schema: StructuralSchema, value: unknown): string | undefined {
  if (schema['x-kubernetes-int-or-string'] && !Number.isInteger(value) && typeof value !== 'string') {
    return 'must be a whole number or text (a number with a fraction goes in quotes)';
  }
  if (schema.type && !hasType[schema.type](value)) return `must be ${typeNames[schema.type]}`;
  const bits = bitsOf[schema.format ?? ''];
  if (bits !== undefined && typeof value === 'number' && (value < -(2 ** bits) || value >= 2 ** bits)) {
    return `must be from -2^${bits} to 2^${bits} - 1`;
  }
  if (schema.pattern && typeof value === 'string' && !patternOf(schema.pattern).test(value)) {
    return `must match ${schema.pattern}`;
  }
  return undefined;
}

function conformList(schema: StructuralSchema, list: unknown[], path: string, found: Conformance): void {
  if (schema.items) for (const [index, item] of list.entries()) conform(schema.items, item, `${path}[${index}]`, found);
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const seen = new Set<unknown>();
    for (const [index, item] of list.entries()) {
      const name = isObject(item) ? item[key] : undefined;
      if (name === undefined) continue;
      if (seen.has(name))
        found.problems.push({ field: `${path}[${index}].${key}`, message: 'must be unique in the list' });
      seen.add(name);
    }
  }
}

function conformObject(
  schema: StructuralSchema,
  object: Record<string, unknown>,
  path: string,
  found: Conformance,
): void {
  for (const key of schema.required ?? []) {
    if (object[key] === undefined || object[key] === null) {
      found.problems.push({ field: join(path, key), message: 'is required' });
    }
  }
  for (const [key, value] of Object.entries(object)) {
    const known = schema.properties?.[key] ?? schema.additionalProperties;
    if (known) conform(known, value, join(path, key), found);
    else if (!schema['x-kubernetes-preserve-unknown-fields']) {
      found.unknown.push(unknownField(join(path, key)));
    }
  }
}

const hasType: Record<NonNullable<StructuralSchema['type']>, (value: unknown) => boolean> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
};

/** Bits of a whole number beside its sign. */
const bitsOf: Readonly<Record<string, number>> = { int32: 31, int64: 63 };

const typeNames: Record<NonNullable<StructuralSchema['type']>, string> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function patternOf(source: string): RegExp {
  const known = patterns.get(source) ?? new RegExp(source);
  patterns.set(source, known);
  return known;
}

function join(path: string, key: string): string {
  return path ? `${path}.${key}` : key;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
