import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
} from 'class-validator';
import { field, type FieldOptions } from './field';
import { type StructuralSchema } from './structural';

/*
 * One decorator a field. Each is a bundle of class-validator's decorators, with messages that say what must hold; the
 * structural schema is made from them (class-validator-jsonschema) and from what is added here. A field's default is the
 * initial value of its property; its description is its doc comment.
 */

export interface TextOptions extends FieldOptions {
  /** Least and most characters; by default 0 and 1024. */
  min?: number;
  max?: number;
  pattern?: RegExp;
  /** What the pattern stands for, to end the sentence "must be ...". */
  what?: string;
}

interface RangeOptions extends FieldOptions {
  min?: number;
  max?: number;
}

/** Text. */
export function Text(options: TextOptions = {}): PropertyDecorator {
  return field(options, {}, textValidators(options, false));
}

/** A list of texts. */
export function Texts({ maxItems = 256, ...text }: TextOptions & { maxItems?: number } = {}): PropertyDecorator {
  return field(text, { 'x-kubernetes-list-type': 'atomic' }, [
    ...listValidators(maxItems),
    ...textValidators(text, true),
  ]);
}

function textValidators({ min = 0, max = 1024, pattern, what }: TextOptions, each: boolean): PropertyDecorator[] {
  const shape = pattern && (what ? `must be ${what} (${pattern.source})` : `must match ${pattern.source}`);
  return [
    IsString({ each, message: 'must be text' }),
    ...(min > 0 ? [MinLength(min, { each, message: 'must not be empty' })] : []),
    MaxLength(max, { each, message: `must have at most ${max} characters` }),
    ...(pattern && shape ? [Matches(pattern, { each, message: shape })] : []),
  ];
}

/** The validators of a list of at most `max` entries. */
export function listValidators(max: number): PropertyDecorator[] {
  return [IsArray({ message: 'must be a list' }), ArrayMaxSize(max, { message: `must have at most ${max} entries` })];
}

/** One of the given words. */
export function OneOf(words: readonly string[], options: FieldOptions = {}): PropertyDecorator {
  const message = `must be one of ${words.join(', ')}`;
  return field(options, {}, [IsIn([...words], { message })]);
}

/** true or false. */
export function Flag(options: FieldOptions = {}): PropertyDecorator {
  return field(options, {}, [IsBoolean({ message: 'must be true or false' })]);
}

const int32 = 2 ** 31 - 1;

/** A whole number from `min` (default 0) to `max` (default 2^31 - 1). */
export function Count({ min = 0, max = int32, ...options }: RangeOptions = {}): PropertyDecorator {
  const whole = IsInt({ message: 'must be a whole number' });
  return field(options, { type: 'integer' }, [whole, ...rangeValidators(min, max)]);
}

/** A TCP port. */
export function Port(options: FieldOptions = {}): PropertyDecorator {
  return Count({ min: 1, max: 65535, ...options });
}

const secondsOfDay = 86400;

/** A time in whole seconds, at most a day. */
export function Seconds(options: RangeOptions = {}): PropertyDecorator {
  return Count({ max: secondsOfDay, ...options });
}

/** A time in seconds that may have a fraction, at most a day. */
export function FractionalSeconds(options: FieldOptions = {}): PropertyDecorator {
  const number = IsNumber({}, { message: 'must be a number of seconds' });
  return field(options, {}, [number, ...rangeValidators(0, secondsOfDay)]);
}

function rangeValidators(min: number, max: number): PropertyDecorator[] {
  return [Min(min, { message: `must be ${min} or more` }), Max(max, { message: `must be ${max} or less` })];
}

/** A span of time as Go spells it: 500ms, 2s, 1m30s, 1h. */
export function Duration(options: FieldOptions = {}): PropertyDecorator {
  return Text({
    max: 64,
    pattern: /^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$/,
    what: 'a time with its unit such as 500ms, 2s or 1m30s',
    ...options,
  });
}

/** An amount of bytes as a Kubernetes quantity; a plain number is taken too. */
export function Quantity(options: FieldOptions = {}): PropertyDecorator {
  const pattern = /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
  return intOrString(options, pattern, 'an amount of bytes such as 512Mi or 10Gi');
}

/** A number of things, or a share of them such as 25%. */
export function CountOrPercent(options: FieldOptions = {}): PropertyDecorator {
  return intOrString(options, /^(100|[0-9]{1,2})%$/, 'a whole number or a share such as 25%');
}

function intOrString(options: FieldOptions, pattern: RegExp, what: string): PropertyDecorator {
  const schema: StructuralSchema = {
    'x-kubernetes-int-or-string': true,
    minimum: 0,
    maxLength: 32,
    pattern: pattern.source,
  };
  const matches = (value: unknown) =>
    typeof value === 'string'
      ? value.length <= 32 && pattern.test(value)
      : Number.isInteger(value) && Number(value) >= 0;
  const validator = { validate: matches, defaultMessage: () => `must be ${what}` };
  return field(options, schema, [ValidateBy({ name: 'intOrString', validator })]);
}

const objectName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Name of a Kubernetes object in the cluster's namespace. */
export function ObjectName(options: FieldOptions = {}): PropertyDecorator {
  return Text({ max: 253, pattern: objectName, what: 'the name of an object', ...options });
}

/** Name of a Secret in the cluster's namespace. */
export function SecretName(options: FieldOptions = {}): PropertyDecorator {
  return Text({ max: 253, pattern: objectName, what: 'the name of a Secret', ...options });
}

/** A key of a Secret, which is the name of a file where the Secret is mounted. */
export function SecretFile(options: FieldOptions = {}): PropertyDecorator {
  return Text({ max: 253, pattern: /^[-._a-zA-Z0-9]+$/, what: 'a key of a Secret', ...options });
}

/** Subjects with or without wildcards. */
export function Subjects(options: FieldOptions = {}): PropertyDecorator {
  return Texts({ min: 1, pattern: /^[^\s]+$/, what: 'a subject without spaces', ...options });
}
