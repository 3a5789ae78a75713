import 'reflect-metadata';
import { Transform, Type } from 'class-transformer';
import { IsObject, ValidateBy, ValidateNested } from 'class-validator';
import { field, type FieldOptions } from './field';
import { listValidators } from './fields';
import { kubernetesSchema, type KubernetesClass } from './kubernetes-types';
import { type StructuralSchema, type ValidationRule } from './structural';

/** A class of ours: a resource or a section of one. */
export type SectionClass = new () => object;

interface ListOptions extends FieldOptions {
  max?: number;
}

/** One of our own classes; which one is the declared type of the property. */
export function Section(options: FieldOptions = {}): PropertyDecorator {
  return (target, key) => {
    const type = Reflect.getMetadata('design:type', target, key) as SectionClass;
    if (type === Object) throw new TypeError(`declare ${target.constructor.name}.${String(key)} with its class`);
    register(target, key, () => type);
    const message = 'must be an object';
    // ValidateNested alone takes a list, too
    field(options, {}, IsObject({ message }), ValidateNested({ message }))(target, key);
  };
}

/** A list of one of our own classes. With `key` no two entries have the same value in that field. */
export function Sections(
  type: () => SectionClass,
  { max = 256, key: mapKey, ...options }: ListOptions & { key?: string } = {},
): PropertyDecorator {
  const listType: StructuralSchema = mapKey
    ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [mapKey] }
    : { 'x-kubernetes-list-type': 'atomic' };
  return (target, key) => {
    register(target, key, type);
    field(
      options,
      listType,
      ...listValidators(max),
      ...(mapKey ? [uniqueBy(mapKey)] : []),
      ValidateNested({ each: true, message: 'must be an object' }),
    )(target, key);
  };
}

const sections = Symbol('sections');

function register(target: object, key: string | symbol, type: () => SectionClass): void {
  Type(type)(target, key);
  Reflect.defineMetadata(sections, { ...sectionsOf(target.constructor), [key]: type }, target.constructor);
}

/** The fields of a class that are sections or lists of them, with the section's class. */
export function sectionsOf(type: object): Readonly<Record<string, () => SectionClass>> {
  return (Reflect.getOwnMetadata(sections, type) ?? {}) as Record<string, () => SectionClass>;
}

function uniqueBy(key: string): PropertyDecorator {
  const validate = (list: unknown) => {
    if (!Array.isArray(list)) return true; // another validator says so
    const values = list.map((entry: unknown) => (isObject(entry) ? entry[key] : undefined));
    return new Set(values).size === values.length;
  };
  return ValidateBy({
    name: 'uniqueBy',
    validator: { validate, defaultMessage: () => `must not have two entries with the same ${key}` },
  });
}

/** An object with any content, kept as it is. */
export function FreeForm(options: FieldOptions = {}): PropertyDecorator {
  return raw(
    field(options, { 'x-kubernetes-preserve-unknown-fields': true }, IsObject({ message: 'must be an object' })),
  );
}

/** A map from text to text, of at most `max` (default 256) entries. */
export function StringMap({ max = 256, ...options }: ListOptions = {}): PropertyDecorator {
  return stringMap(options, max, {});
}

const labelKey = '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
const labelValue = '^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$';
const reservedLabel = '^(app|nats_.*)$';

/** Labels of an object, of at most 64. With `reserved` those that the operator sets itself are refused. */
export function Labels({
  reserved = false,
  ...options
}: FieldOptions & { reserved?: boolean } = {}): PropertyDecorator {
  const rules: MapRule[] = [
    { message: 'a label is a name of at most 63 characters, with or without a DNS prefix and /', key: labelKey },
    ...(reserved ? [{ message: 'the labels app and nats_* are set by the operator', not: reservedLabel }] : []),
  ];
  return stringMap(options, 64, { rules, value: labelValue });
}

interface MapRule {
  message: string;
  key?: string;
  not?: string;
}

function stringMap(
  options: FieldOptions,
  max: number,
  { rules = [], value }: { rules?: MapRule[]; value?: string },
): PropertyDecorator {
  const validations = rules.map(({ message, key, not }): ValidationRule => ({
    message,
    rule: `self.all(k, ${key ? `k.matches('${key}')` : `!k.matches('${not ?? ''}')`})`,
  }));
  const validators = [
    mapValidator('stringMap', `must be a map of at most ${max} texts`, (map) => {
      const values = Object.values(map);
      return values.length <= max && values.every((text) => typeof text === 'string');
    }),
    ...rules.map(({ message, key, not }, index) =>
      mapValidator(`keys${index}`, message, (map) =>
        Object.keys(map).every((name) => (key ? new RegExp(key).test(name) : !new RegExp(not ?? '').test(name))),
      ),
    ),
  ];
  if (value) {
    const pattern = new RegExp(value);
    validators.push(
      mapValidator('values', `values must match ${value}`, (map) =>
        Object.values(map).every((text) => typeof text !== 'string' || pattern.test(text)),
      ),
    );
  }
  return raw(
    field(
      options,
      {
        type: 'object',
        maxProperties: max,
        additionalProperties: value ? { type: 'string', maxLength: 63, pattern: value } : { type: 'string' },
        ...(validations.length > 0 && { 'x-kubernetes-validations': validations }),
      },
      ...validators,
    ),
  );
}

function mapValidator(
  name: string,
  message: string,
  holds: (map: Record<string, unknown>) => boolean,
): PropertyDecorator {
  const validator = { validate: (value: unknown) => isObject(value) && holds(value), defaultMessage: () => message };
  return ValidateBy({ name, validator });
}

/** A built-in type of Kubernetes, its schema taken from client-node's own type tables. */
export function Kubernetes(type: KubernetesClass, options: FieldOptions = {}): PropertyDecorator {
  return builtIn(options, kubernetesSchema(type), IsObject({ message: 'must be an object' }));
}

/** A list of a built-in type of Kubernetes, of at most `max` (default 256) entries. */
export function KubernetesList(type: KubernetesClass, { max = 256, ...options }: ListOptions = {}): PropertyDecorator {
  const items = kubernetesSchema(type);
  return builtIn(options, { items, 'x-kubernetes-list-type': 'atomic' }, ...listValidators(max));
}

const builtIns = Symbol('builtIns');

function builtIn(
  options: FieldOptions,
  schema: StructuralSchema,
  ...validators: PropertyDecorator[]
): PropertyDecorator {
  return (target, key) => {
    raw(field(options, schema, ...validators))(target, key);
    Reflect.defineMetadata(builtIns, { ...builtInsOf(target.constructor), [key]: schema }, target.constructor);
  };
}

/** The fields of a class that are built-in Kubernetes types, with the schema that their values must conform to. */
export function builtInsOf(type: object): Readonly<Record<string, StructuralSchema>> {
  return (Reflect.getOwnMetadata(builtIns, type) ?? {}) as Record<string, StructuralSchema>;
}

/** Takes the value as it is: class-transformer would drop keys such as `constructor` from a map. */
function raw(decorate: PropertyDecorator): PropertyDecorator {
  return (target, key) => {
    decorate(target, key);
    Transform(({ obj }) => (obj as Record<string | symbol, unknown>)[key])(target, key);
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
