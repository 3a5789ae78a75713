import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { kubernetesProblems, kubernetesSchema, type KubernetesClass } from './kubernetes-types';
import { type StructuralSchema } from './structural';

/**
 * One decorator a field. Each is a bundle of class-validator and class-transformer decorators, with a message that says
 * the cure, and of what the structural schema needs beyond them. A field is optional unless `required`; its default is
 * the initial value of the property; its description is its doc comment.
 */
export interface FieldOptions {
  required?: boolean;
}

interface TextOptions extends FieldOptions {
  min?: number;
  max?: number;
  pattern?: RegExp;
  /** What the text must be, to end the sentence "must be ...". */
  what?: string;
}

interface RangeOptions extends FieldOptions {
  min?: number;
  max?: number;
}

interface ListOptions extends FieldOptions {
  max?: number;
}

type Class = new () => object;

function field(options: FieldOptions, schema: StructuralSchema, ...validators: PropertyDecorator[]): PropertyDecorator {
  const presence = options.required ? IsDefined({ message: 'is required' }) : IsOptional();
  return (target, key) => {
    for (const decorate of [presence, ...validators, JSONSchema(schema as Parameters<typeof JSONSchema>[0])]) {
      (decorate as PropertyDecorator)(target, key);
    }
  };
}

function textValidators({ min, max, pattern, what }: TextOptions, each: boolean): PropertyDecorator[] {
  const validators = [IsString({ each, message: 'must be text' })];
  if (min !== undefined) validators.push(MinLength(min, { each, message: `must have at least ${min} characters` }));
  if (max !== undefined) validators.push(MaxLength(max, { each, message: `must have at most ${max} characters` }));
  if (pattern) {
    const message = what ? `must be ${what} (${pattern.source})` : `must match ${pattern.source}`;
    validators.push(Matches(pattern, { each, message }));
  }
  return validators;
}

function textSchema({ min, max, pattern }: TextOptions): StructuralSchema {
  return {
    type: 'string',
    ...(min !== undefined && { minLength: min }),
    ...(max !== undefined && { maxLength: max }),
    ...(pattern && { pattern: pattern.source }),
  };
}

/** Text of at most `max` characters (default 1024). */
export function Text(options: TextOptions = {}): PropertyDecorator {
  const bounded = { max: 1024, ...options };
  return field(options, textSchema(bounded), ...textValidators(bounded, false));
}

/** A list of texts: at most `maxItems` (default 256) of them. */
export function Texts(options: TextOptions & { maxItems?: number } = {}): PropertyDecorator {
  const bounded = { max: 1024, ...options };
  const maxItems = options.maxItems ?? 256;
  return field(
    options,
    { type: 'array', maxItems, items: textSchema(bounded), 'x-kubernetes-list-type': 'atomic' },
    ...listValidators(maxItems),
    ...textValidators(bounded, true),
  );
}

/** One of the given words. */
export function OneOf(words: readonly string[], options: FieldOptions = {}): PropertyDecorator {
  return field(
    options,
    { type: 'string', enum: [...words] },
    IsIn([...words], { message: `must be one of ${words.join(', ')}` }),
  );
}

/** true or false. */
export function Flag(options: FieldOptions = {}): PropertyDecorator {
  return field(options, { type: 'boolean' }, IsBoolean({ message: 'must be true or false' }));
}

/** A whole number. */
export function Count({ min = 0, max = 2 ** 31 - 1, ...options }: RangeOptions = {}): PropertyDecorator {
  const format = max > 2 ** 31 - 1 ? 'int64' : 'int32';
  return field(
    options,
    { type: 'integer', format, minimum: min, maximum: max },
    IsInt({ message: 'must be a whole number' }),
    Min(min, { message: `must be ${min} or more` }),
    Max(max, { message: `must be ${max} or less` }),
  );
}

/** A TCP port. */
export function Port(options: FieldOptions = {}): PropertyDecorator {
  return Count({ min: 1, max: 65535, ...options });
}

/** A time in whole seconds, at most a day. */
export function Seconds(options: RangeOptions = {}): PropertyDecorator {
  return Count({ max: 86400, ...options });
}

/** A time in seconds that may have a fraction. */
export function FractionalSeconds({ min = 0, max = 86400, ...options }: RangeOptions = {}): PropertyDecorator {
  return field(
    options,
    { type: 'number', minimum: min, maximum: max },
    IsNumber({}, { message: 'must be a number of seconds' }),
    Min(min, { message: `must be ${min} or more` }),
    Max(max, { message: `must be ${max} or less` }),
  );
}

/** A span of time as Go spells it: 500ms, 2s, 1m30s, 1h. */
export function Duration(options: FieldOptions = {}): PropertyDecorator {
  return Text({
    max: 64,
    pattern: /^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/,
    what: 'a time with its unit such as 500ms, 2s or 1m30s',
    ...options,
  });
}

/** A Kubernetes quantity: 512Mi, 10Gi, 1.5G or a plain number of bytes. */
export const quantityPattern = /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;

/** An amount of bytes as a Kubernetes quantity; a plain number is taken too. */
export function Quantity(options: FieldOptions = {}): PropertyDecorator {
  return field(
    options,
    {
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      pattern: quantityPattern.source,
      maxLength: 32,
    },
    ValidateBy({
      name: 'quantity',
      validator: {
        validate: (value) =>
          typeof value === 'number'
            ? Number.isInteger(value) && value >= 0
            : typeof value === 'string' && quantityPattern.test(value),
        defaultMessage: () => 'must be an amount of bytes such as 512Mi or 10Gi',
      },
    }),
  );
}

/** A number of things, or a share of them such as 25%. */
export function CountOrPercent(options: FieldOptions = {}): PropertyDecorator {
  const pattern = /^(100|[0-9]{1,2})%$/;
  return field(
    options,
    {
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      minimum: 0,
      pattern: pattern.source,
    },
    ValidateBy({
      name: 'countOrPercent',
      validator: {
        validate: (value) =>
          typeof value === 'number'
            ? Number.isInteger(value) && value >= 0
            : typeof value === 'string' && pattern.test(value),
        defaultMessage: () => 'must be a whole number or a share such as 25%',
      },
    }),
  );
}

const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Name of a Kubernetes object in the same namespace. */
export function ObjectName(options: FieldOptions = {}): PropertyDecorator {
  return Text({ max: 253, pattern: subdomainPattern, what: 'the name of an object', ...options });
}

/** Name of a Secret in the same namespace. */
export function SecretName(options: FieldOptions = {}): PropertyDecorator {
  return Text({ max: 253, pattern: subdomainPattern, what: 'the name of a Secret', ...options });
}

/** Name of a file in a Secret, which is a key of the Secret. */
export function SecretFile(options: FieldOptions = {}): PropertyDecorator {
  return Text({ max: 253, pattern: /^[-._a-zA-Z0-9]+$/, what: 'a key of a Secret', ...options });
}

/** Subjects with or without wildcards. */
export function Subjects(options: FieldOptions = {}): PropertyDecorator {
  return Texts({ pattern: /^[^\s]+$/, what: 'a subject without spaces', ...options });
}

/** A map from text to text. */
export function StringMap({ max = 256, ...options }: ListOptions = {}): PropertyDecorator {
  return field(
    options,
    { type: 'object', maxProperties: max, additionalProperties: { type: 'string' } },
    ValidateBy({
      name: 'stringMap',
      validator: {
        validate: (value) =>
          isPlainObject(value) &&
          Object.keys(value).length <= max &&
          Object.values(value).every((text) => typeof text === 'string'),
        defaultMessage: () => `must be a map of at most ${max} texts`,
      },
    }),
  );
}

/** An object with any content: the only place, with the rest of Kubernetes' own types, where unknown keys are kept. */
export function FreeForm(options: FieldOptions = {}): PropertyDecorator {
  return field(
    options,
    { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    IsObject({ message: 'must be an object' }),
  );
}

/** One of our own classes; the class is the property's type. */
export function Section(options: FieldOptions = {}): PropertyDecorator {
  return (target, key) => {
    const type = Reflect.getMetadata('design:type', target, key) as Class;
    if (type === Object)
      throw new TypeError(`${target.constructor.name}.${String(key)} must be declared with its class`);
    Type(() => type)(target, key);
    field(options, {}, ValidateNested({ message: 'must be an object' }))(target, key);
  };
}

/** A list of one of our own classes. With `key` the list is a map by that field: no two entries share its value. */
export function Sections(
  type: () => Class,
  { max = 256, key: mapKey, ...options }: ListOptions & { key?: string } = {},
): PropertyDecorator {
  return (target, key) => {
    Type(type)(target, key);
    field(
      options,
      {
        type: 'array',
        maxItems: max,
        ...(mapKey
          ? { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [mapKey] }
          : { 'x-kubernetes-list-type': 'atomic' }),
      },
      ...listValidators(max),
      ValidateNested({ each: true, message: 'must be an object' }),
    )(target, key);
  };
}

/** A built-in type of Kubernetes, its schema taken from client-node's own type tables. */
export function Kubernetes(type: KubernetesClass, options: FieldOptions = {}): PropertyDecorator {
  return field(
    options,
    kubernetesSchema(type),
    matchesKubernetes((value) => kubernetesProblems(type, value)),
  );
}

/** A list of a built-in type of Kubernetes. */
export function KubernetesList(type: KubernetesClass, { max = 256, ...options }: ListOptions = {}): PropertyDecorator {
  return field(
    options,
    { type: 'array', maxItems: max, items: kubernetesSchema(type), 'x-kubernetes-list-type': 'atomic' },
    ...listValidators(max),
    matchesKubernetes((value) =>
      Array.isArray(value) ? value.flatMap((item, index) => kubernetesProblems(type, item, `[${index}]`)) : [],
    ),
  );
}

function matchesKubernetes(problems: (value: unknown) => string[]): PropertyDecorator {
  return ValidateBy({
    name: 'kubernetes',
    validator: {
      validate: (value) => problems(value).length === 0,
      defaultMessage: (args) => problems(args?.value).join('; '),
    },
  });
}

function listValidators(max: number): PropertyDecorator[] {
  return [IsArray({ message: 'must be a list' }), ArrayMaxSize(max, { message: `must have at most ${max} entries` })];
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
