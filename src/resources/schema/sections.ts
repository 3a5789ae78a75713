import { IsObject, ValidateBy, ValidateNested } from 'class-validator';
import { field, type FieldOptions, type SectionClass } from './field';
import { listValidators } from './fields';
import { kubernetesSchema, type KubernetesClass } from './kubernetes-types';
import { type StructuralSchema } from './structural';

/* Decorators of fields that have fields of their own. */

interface ListOptions extends FieldOptions {
  /** Most entries, by default 256. */
  max?: number;
}

const anObject = { message: 'must be an object' };

/** One of our own classes; which one is the declared type of the property. */
export function Section(options: FieldOptions = {}): PropertyDecorator {
  return (target, key) => {
    const type = Reflect.getMetadata('design:type', target, key) as SectionClass | undefined;
    if (!type || type === Object)
      throw new TypeError(`declare ${target.constructor.name}.${String(key)} with its class`);
    // ValidateNested alone takes a list, too
    field(options, {}, [IsObject(anObject), ValidateNested(anObject)], { section: () => type })(target, key);
  };
}

/** A list of one of our own classes. With `key` no two entries have the same value in that field. */
export function Sections(
  section: () => SectionClass,
  { max = 256, key, ...options }: ListOptions & { key?: string } = {},
): PropertyDecorator {
  const schema: StructuralSchema = key
    ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] }
    : { 'x-kubernetes-list-type': 'atomic' };
  const validators = [
    ...listValidators(max),
    ...(key ? [uniqueBy(key)] : []),
    IsObject({ ...anObject, each: true }),
    ValidateNested({ ...anObject, each: true }),
  ];
  return field(options, schema, validators, { section });
}

function uniqueBy(key: string): PropertyDecorator {
  const validate = (list: unknown) => {
    if (!Array.isArray(list)) return true; // another validator says so
    const values = list.map((entry: unknown) => (isObject(entry) ? entry[key] : undefined));
    return new Set(values).size === values.length;
  };
  const defaultMessage = () => `must not have two entries with the same ${key}`;
  return ValidateBy({ name: 'uniqueBy', validator: { validate, defaultMessage } });
}

/** An object with any content, kept as it is. */
export function FreeForm(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { 'x-kubernetes-preserve-unknown-fields': true }, [IsObject(anObject)], { raw: true });
}

/** A built-in type of Kubernetes, its schema taken from client-node's own type tables. */
export function Kubernetes(type: KubernetesClass, options: FieldOptions = {}): PropertyDecorator {
  const builtIn = kubernetesSchema(type);
  return field(options, builtIn, [IsObject(anObject)], { raw: true, builtIn });
}

/** A list of a built-in type of Kubernetes. */
export function KubernetesList(type: KubernetesClass, { max = 256, ...options }: ListOptions = {}): PropertyDecorator {
  const items = kubernetesSchema(type);
  const schema: StructuralSchema = { items, 'x-kubernetes-list-type': 'atomic' };
  return field(options, schema, listValidators(max), { raw: true, builtIn: { type: 'array', items } });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
