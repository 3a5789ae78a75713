import { IsDefined, IsOptional } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { type StructuralSchema } from './structural';

/** What every field decorator takes. */
export interface FieldOptions {
  /** A field is optional unless it says so. */
  required?: boolean;
  /** Accept null for nothing, where nats-operator 0.8 stored it. */
  nullable?: boolean;
}

/** Bundles the decorators of one field: whether it must be there, its validators, and its structural schema. */
export function field(
  { required, nullable }: FieldOptions,
  schema: StructuralSchema,
  ...validators: PropertyDecorator[]
): PropertyDecorator {
  const described = JSONSchema({ ...schema, ...(nullable && { nullable }) } as Parameters<typeof JSONSchema>[0]);
  return (target, key) => {
    const presence = required ? IsDefined({ message: 'is required' }) : IsOptional();
    for (const decorate of [presence, ...validators, described as PropertyDecorator]) decorate(target, key);
  };
}
