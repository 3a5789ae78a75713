import { ValidateBy } from 'class-validator';
import { field, type FieldOptions } from './field';

/* Decorators of maps from text to text. */

interface MapOptions extends FieldOptions {
  /** Most entries, by default 256. */
  max?: number;
}

/** What must hold for each key: that it matches, or that it does not. */
interface KeyRule {
  message: string;
  pattern: string;
  matches: boolean;
}

/** A map from text to text. */
export function StringMap({ max = 256, ...options }: MapOptions = {}): PropertyDecorator {
  return field(
    options,
    { type: 'object', maxProperties: max, additionalProperties: { type: 'string' } },
    [mapOfText(max)],
    { raw: true },
  );
}

// as k8s.io/apimachinery/pkg/util/validation has them: IsQualifiedName, IsValidLabelValue
const labelKey = '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
const labelValue = '^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$';

const isLabelKey: KeyRule = {
  pattern: labelKey,
  matches: true,
  message: 'keys must be names of at most 63 characters, with or without a DNS prefix and /',
};

const isNotReserved: KeyRule = {
  pattern: '^(app|nats_.*)$',
  matches: false,
  message: 'the labels app and nats_* are set by the operator',
};

/** Labels of an object, at most 64. With `reserved` those that the operator sets itself are refused. */
export function Labels({ reserved, ...options }: FieldOptions & { reserved?: boolean } = {}): PropertyDecorator {
  const rules = reserved ? [isLabelKey, isNotReserved] : [isLabelKey];
  return field(
    options,
    {
      type: 'object',
      maxProperties: 64,
      additionalProperties: { type: 'string', pattern: labelValue },
      'x-kubernetes-validations': rules.map(({ pattern, matches, message }) => ({
        rule: `self.all(key, ${matches ? '' : '!'}key.matches('${pattern}'))`,
        message,
      })),
    },
    [mapOfText(64), mapOf(`values must match ${labelValue}`, textMatches(labelValue)), ...rules.map(keysFollow)],
    { raw: true },
  );
}

function mapOfText(max: number): PropertyDecorator {
  return mapOf(`must be a map of at most ${max} texts`, (map) => {
    const values = Object.values(map);
    return values.length <= max && values.every((value) => typeof value === 'string');
  });
}

function textMatches(source: string): (map: object) => boolean {
  const pattern = new RegExp(source);
  return (map) => Object.values(map).every((value) => typeof value !== 'string' || pattern.test(value));
}

function keysFollow({ pattern: source, matches, message }: KeyRule): PropertyDecorator {
  const pattern = new RegExp(source);
  return mapOf(message, (map) => Object.keys(map).every((key) => pattern.test(key) === matches));
}

function mapOf(message: string, holds: (map: object) => boolean): PropertyDecorator {
  const validate = (value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && holds(value);
  // class-validator keeps one result for each name
  return ValidateBy({ name: message, validator: { validate, defaultMessage: () => message } });
}
