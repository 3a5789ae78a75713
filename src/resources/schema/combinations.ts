import 'reflect-metadata';
import { Check } from './rules';

/*
 * Rules about which fields go together. From the names of the fields each makes both forms of the rule, CEL and
 * TypeScript. A field counts as set when it is there and not false, empty text or an empty list.
 */

type Class = new () => object;

/** At most one of the fields is set. */
export function AtMostOneOf(...fields: [string, string, ...string[]]): (target: Class) => void {
  return (target) => {
    Check({
      cel: `[${fields.map((field) => celIsSet(target, field)).join(', ')}].filter(set, set).size() <= 1`,
      holds: (self) => fields.filter((field) => isSet(self, field)).length <= 1,
      message: `set at most one of ${fields.join(', ')}`,
    })(target);
  };
}

/** Exactly one of the fields is set. */
export function ExactlyOneOf(...fields: [string, string, ...string[]]): (target: Class) => void {
  return (target) => {
    Check({
      cel: `[${fields.map((field) => celIsSet(target, field)).join(', ')}].exists_one(set, set)`,
      holds: (self) => fields.filter((field) => isSet(self, field)).length === 1,
      message: `set exactly one of ${fields.join(', ')}`,
    })(target);
  };
}

/** At least one of the fields is set. */
export function AnyOf(...fields: [string, string, ...string[]]): (target: Class) => void {
  return (target) => {
    Check({
      cel: fields.map((field) => celIsSet(target, field)).join(' || '),
      holds: (self) => fields.some((field) => isSet(self, field)),
      message: `set at least one of ${fields.join(', ')}`,
    })(target);
  };
}

/** Where `field` is set, so is one of `others`. */
export function Needs(field: string, others: readonly string[], why: string): (target: Class) => void {
  return (target) => {
    Check({
      cel: `!(${celIsSet(target, field)}) || ${others.map((other) => celIsSet(target, other)).join(' || ')}`,
      holds: (self) => !isSet(self, field) || others.some((other) => isSet(self, other)),
      message: `${field} needs ${others.join(' or ')}: ${why}`,
      field,
    })(target);
  };
}

/** Where `field` is set, none of `others` is. */
export function Excludes(field: string, others: readonly string[], why: string): (target: Class) => void {
  return (target) => {
    Check({
      cel: `!(${celIsSet(target, field)}) || !(${others.map((other) => celIsSet(target, other)).join(' || ')})`,
      holds: (self) => !isSet(self, field) || !others.some((other) => isSet(self, other)),
      message: `${field} excludes ${others.join(', ')}: ${why}`,
      field,
    })(target);
  };
}

/** Whether a field is set, in CEL. `path` may lead into sections: `auth.operator`. */
function celIsSet(target: Class, path: string): string {
  const { type, guards } = resolve(target, path);
  const field = `self.${path}`;
  const present = guards.map((guard) => `has(self.${guard})`).join(' && ');
  switch (type) {
    case Boolean:
      return `${present} && ${field}`;
    case String:
      return `${present} && ${field} != ''`;
    case Array:
      return `${present} && size(${field}) > 0`;
    default:
      return present;
  }
}

/** The same in TypeScript. */
function isSet(self: object, path: string): boolean {
  const value = path
    .split('.')
    .reduce<unknown>((parent, name) => (parent as Record<string, unknown> | undefined)?.[name], self);
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false && value !== '';
}

function resolve(target: Class, path: string): { type: unknown; guards: string[] } {
  const names = path.split('.');
  let type: unknown = target;
  for (const name of names) {
    const parent = type as Class;
    type = Reflect.getMetadata('design:type', parent.prototype as object, name) as unknown;
    if (type === undefined) throw new TypeError(`${parent.name} has no field ${name}`);
  }
  return { type, guards: names.map((_, index) => names.slice(0, index + 1).join('.')) };
}
