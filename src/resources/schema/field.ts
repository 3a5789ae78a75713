import 'reflect-metadata';
import { Expose, Type } from 'class-transformer';
import { IsDefined, IsOptional } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { type StructuralSchema } from './structural';

/** A class of ours: a resource or a section of one. */
export type SectionClass = new () => object;

/** What every field decorator takes. */
export interface FieldOptions {
  /** A field is optional unless it says so. */
  required?: boolean;
  /** Accept null for nothing, where nats-operator 0.8 stored it. */
  nullable?: boolean;
}

/** What a field holds, if it is more than one value or a list of them. */
export interface Content {
  /** A section, or a list of them. */
  section?: () => SectionClass;
  /** Something taken as it is: class-transformer stumbles over keys such as `constructor` in a map. */
  raw?: true;
  /** The schema of a built-in type of Kubernetes. */
  builtIn?: StructuralSchema;
}

const fields = Symbol('fields');

/** Bundles the decorators of one field: whether it must be there, its validators, its structural schema, its content. */
export function field(
  { required, nullable }: FieldOptions,
  schema: StructuralSchema,
  validators: PropertyDecorator[],
  content: Content = {},
): PropertyDecorator {
  const decorators = [
    required ? IsDefined({ message: 'is required' }) : IsOptional(),
    ...validators,
    JSONSchema({ ...schema, ...(nullable && { nullable }) } as Parameters<typeof JSONSchema>[0]) as PropertyDecorator,
    ...(content.raw ? [] : [Expose()]),
    ...(content.section ? [Type(content.section)] : []),
  ];
  return (target, key) => {
    for (const decorate of decorators) decorate(target, key);
    const known = new Map(fieldsOf(target.constructor)).set(String(key), content);
    Reflect.defineMetadata(fields, known, target.constructor);
  };
}

/** The fields of a class by name. */
export function fieldsOf(type: object): ReadonlyMap<string, Content> {
  return (Reflect.getOwnMetadata(fields, type) as Map<string, Content> | undefined) ?? none;
}

const none: ReadonlyMap<string, Content> = new Map();
