import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { NatsCluster } from './nats-cluster/nats-cluster';
import { oneSpelling } from './nats-cluster/one-spelling';
import { NatsServiceRole } from './nats-service-role/nats-service-role';
import { conform, type Conformance, type Problem, unknownField } from './schema/conforms';
import { fieldsOf, type SectionClass } from './schema/field';
import { rulesOf } from './schema/rules';

export { type Problem } from './schema/conforms';

/**
 * A resource with its types and defaults, or what is wrong with it. Warnings are about fields that this version of the
 * operator does not know: they have no effect.
 */
export type Parsed<T> =
  | { readonly resource: T; readonly problems?: undefined; readonly warnings: readonly Problem[] }
  | { readonly resource?: undefined; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/**
 * Reads a NatsCluster as the API server returned it, whatever CRD it was stored under. Where nats-operator 0.8 has
 * another spelling for a setting, the result has the setting in one place (`oneSpelling`). Never throws for what a user
 * wrote. Neither `raw` nor the result may be changed: maps, `template` and `config` are shared with `raw`, and the result
 * is given again for the same `raw`.
 */
export function parseNatsCluster(raw: object): Parsed<NatsCluster> {
  const known = clusters.get(raw);
  if (known) return known;
  const parsed = parse(NatsCluster, raw);
  if (parsed.resource) oneSpelling(parsed.resource.spec);
  clusters.set(raw, parsed);
  return parsed;
}

// a cache hands out the same object until it changes: a reconcile because of a pod parses nothing
const clusters = new WeakMap<object, Parsed<NatsCluster>>();

/** Reads a NatsServiceRole as the API server returned it. Never throws for what a user wrote. */
export function parseNatsServiceRole(raw: object): Parsed<NatsServiceRole> {
  return parse(NatsServiceRole, raw);
}

function parse<T extends object>(type: new () => T, raw: object): Parsed<T> {
  const { apiVersion, kind, metadata, status, ...content } = withoutNulls(raw) as Partial<NatsCluster>;
  let resource: T;
  try {
    resource = plainToInstance(type, content, typed);
  } catch (error) {
    // where a simple value is wanted, an object is taken by the class that its field `constructor` names
    return { problems: [{ field: 'spec', message: `can't be read: ${(error as Error).message}` }], warnings: [] };
  }
  const found: Conformance = { problems: [], unknown: takeRaw(resource, content, '') };
  Object.assign(resource, { apiVersion, kind, metadata: { name: '', ...metadata } });

  found.problems.push(...validateSync(resource).flatMap((error) => flatten(error, '')));
  const sections = sectionsIn(resource, '');
  for (const [section, path] of sections) checkBuiltIns(section, path, found);
  // a rule relies on the types of what it reads
  if (found.problems.length === 0) for (const [section, path] of sections) checkRules(section, path, found.problems);

  // a status is an operator's own writing, perhaps of another version: whatever is in it, it must not stop this one
  if (status) Object.assign(resource, { status });
  const { problems, unknown: warnings } = found;
  return problems.length > 0 ? { problems, warnings } : { resource, warnings };
}

/** Only fields that the classes know, with the defaults of those that are absent. */
const typed = { excludeExtraneousValues: true, exposeDefaultValues: true, exposeUnsetFields: false };

function flatten({ property, constraints = {}, children = [] }: ValidationError, parent: string): Problem[] {
  const field = join(parent, property);
  // of several messages about one field the first is the most basic: not text at all, before not matching a pattern
  const [message] = Object.values(constraints);
  const inner = children.flatMap((child) => flatten(child, field));
  // what is wrong with an entry says more than that something is wrong with the list
  return message === undefined || inner.length > 0 ? inner : [{ field, message }];
}

/** Gives a typed section what is taken as it is, and returns a warning for each field that it does not know. */
function takeRaw(section: object, raw: object, path: string): Problem[] {
  const known = fieldsOf(section.constructor);
  return Object.entries(raw).flatMap(([name, value]) => {
    const content = known.get(name);
    if (!content) return [unknownField(join(path, name))];
    if (content.raw) Object.assign(section, { [name]: value as unknown });
    if (!content.section) return [];
    const children = childrenOf(raw, name, path);
    return childrenOf(section, name, path).flatMap(([child, field], index) => {
      const rawChild = children[index]?.[0];
      return rawChild ? takeRaw(child, rawChild, field) : [];
    });
  });
}

function checkBuiltIns(section: object, path: string, found: Conformance): void {
  for (const [name, { builtIn }] of fieldsOf(section.constructor)) {
    if (builtIn) conform(builtIn, (section as Record<string, unknown>)[name], join(path, name), found);
  }
}

function checkRules(section: object, path: string, problems: Problem[]): void {
  for (const { holds, field, message } of rulesOf(section.constructor as SectionClass)) {
    if (holds && !holds(section)) problems.push({ field: field ? join(path, field) : path, message });
  }
}

/** A section and all sections in it, with their paths. */
function sectionsIn(section: object, path: string): [object, string][] {
  const nested = [...fieldsOf(section.constructor)].filter(([, { section }]) => section);
  const children = nested.flatMap(([name]) => childrenOf(section, name, path));
  return [[section, path], ...children.flatMap(([child, field]) => sectionsIn(child, field))];
}

/** The objects in a field, which is one or a list of them, with their paths. */
function childrenOf(parent: object, name: string, path: string): [object, string][] {
  const value = (parent as Record<string, unknown>)[name];
  const field = join(path, name);
  const entries: [unknown, string][] = Array.isArray(value)
    ? value.map((entry: unknown, index) => [entry, `${field}[${index}]`])
    : [[value, field]];
  return entries.filter((entry): entry is [object, string] => typeof entry[0] === 'object' && entry[0] !== null);
}

/** null means nothing, as for the API server where a field has a default; a copy only where there are some. */
function withoutNulls(value: unknown): unknown {
  if (!hasNull(value)) return value;
  if (Array.isArray(value)) return value.filter((entry) => entry !== null).map(withoutNulls);
  const entries = Object.entries(value as object).filter(([, entry]) => entry !== null);
  return Object.fromEntries(entries.map(([key, entry]) => [key, withoutNulls(entry)]));
}

function hasNull(value: unknown): boolean {
  if (typeof value !== 'object') return false;
  return value === null || Object.values(value).some(hasNull);
}

function join(path: string, name: string): string {
  if (/^\d+$/.test(name)) return `${path}[${name}]`;
  return path ? `${path}.${name}` : name;
}
