import { crdVersionAnnotation } from '../../kubernetes/crds';
import { category, group, type ResourceNames, servedVersions, storageVersion } from '../api';
import { classSchema } from './class-schema';
import { type Descriptions } from './descriptions';
import { type SectionClass } from './field';
import { type StructuralSchema } from './structural';

/** A column of `kubectl get`; with `wide` only of `kubectl get -o wide`. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'date';
  jsonPath: string;
  description: string;
  wide?: boolean;
}

/** What a custom resource is beside its schema. */
export interface ResourceDefinition {
  type: SectionClass;
  names: ResourceNames;
  columns: Column[];
  subresources?: object;
}

/**
 * The CustomResourceDefinition of a resource: every served version with the same schema, no conversion. It carries the
 * version of the operator, which does not replace one of a newer operator.
 */
export function customResourceDefinition(
  definition: ResourceDefinition,
  descriptions: Descriptions,
  operatorVersion: string,
): object {
  const { names, columns, subresources } = definition;
  const schema = rootSchema(definition.type, descriptions);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${group}`, annotations: { [crdVersionAnnotation]: operatorVersion } },
    spec: {
      group,
      scope: 'Namespaced',
      names: { ...names, categories: [category] },
      conversion: { strategy: 'None' },
      versions: servedVersions.map((name) => ({
        name,
        served: true,
        storage: name === storageVersion,
        additionalPrinterColumns: columns.map(({ wide, ...column }) => ({ ...column, ...(wide && { priority: 1 }) })),
        ...(subresources && { subresources }),
        schema: { openAPIV3Schema: schema },
      })),
    },
  };
}

function rootSchema(type: SectionClass, descriptions: Descriptions): StructuralSchema {
  const { properties = {}, ...schema } = classSchema(type, descriptions);
  return {
    ...schema,
    properties: {
      ...properties,
      // the API server knows these three itself
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object', properties: { name: { type: 'string' } } },
      // a resource without a spec gets its defaults, too
      spec: { ...properties.spec, default: {} },
    },
  };
}
