import { ValidationTypes } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { type Descriptions } from './descriptions';
import { rulesOf } from './rules';
import { fieldsOf, type SectionClass } from './field';
import { type StructuralSchema, type ValidationRule } from './structural';

/**
 * The structural schema of a decorated class: validators and schemas of its fields, sections in place instead of `$ref`,
 * defaults from the initial values, descriptions from the doc comments, rules in CEL.
 */
export function classSchema(type: SectionClass, descriptions: Descriptions): StructuralSchema {
  const { properties = {}, required } = targetConstructorToSchema(type, {
    additionalConverters: {
      // what these add is written beside them
      [ValidationTypes.CUSTOM_VALIDATION]: {},
      [ValidationTypes.IS_DEFINED]: {},
    },
  }) as StructuralSchema;
  const initial = new type() as Record<string, unknown>;
  const validations = rulesOf(type).map(toValidationRule);
  return {
    type: 'object',
    description: descriptions.ofClass(type.name),
    ...(required && { required: [...required].sort() }),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, own]) => [
        name,
        {
          description: descriptions.ofField(type.name, name),
          ...withSections(own, fieldsOf(type).get(name)?.section?.(), descriptions),
          ...(isPlain(initial[name]) && { default: initial[name] }),
        },
      ]),
    ),
    ...(validations.length > 0 && { 'x-kubernetes-validations': validations }),
  };
}

function withSections(
  own: StructuralSchema,
  section: SectionClass | undefined,
  descriptions: Descriptions,
): StructuralSchema {
  if (!section) return own;
  const schema = classSchema(section, descriptions);
  delete (own.items ?? own).$ref;
  if (own.type === 'array') return { ...own, items: schema };
  delete schema.description; // the field has its own
  return { ...own, ...schema };
}

/** A default of a section is made of those of its fields. */
function isPlain(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || Array.isArray(value));
}

function toValidationRule({
  cel,
  message,
  field,
  optionalOldSelf,
}: ReturnType<typeof rulesOf>[number]): ValidationRule {
  return {
    rule: cel,
    message,
    ...(field && { fieldPath: `.${field}` }),
    ...(optionalOldSelf && { optionalOldSelf }),
  };
}
