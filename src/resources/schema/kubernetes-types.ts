import * as clientNode from '@kubernetes/client-node';
import { type StructuralSchema } from './structural';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

/** A generated class of client-node: it has a table of its fields and their types. */
export interface KubernetesClass {
  readonly name: string;
  getAttributeTypeMap(): readonly Attribute[];
}

/** As the API server reads a quantity, `resource.Quantity` in k8s.io/apimachinery. */
const quantity: StructuralSchema = {
  'x-kubernetes-int-or-string': true,
  pattern:
    '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
};

/** The table says "string" of these. */
const quantities = new Set([
  'V1ResourceRequirements.limits',
  'V1ResourceRequirements.requests',
  'V1VolumeResourceRequirements.limits',
  'V1VolumeResourceRequirements.requests',
  'V1PodSpec.overhead',
  'V1EmptyDirVolumeSource.sizeLimit',
  'V1ResourceFieldSelector.divisor',
]);

/** Lists whose entries are told apart by a field, so that two owners may each apply their own entries. */
const listKeys = new Map([
  ['V1PodSpec.containers', 'name'],
  ['V1PodSpec.initContainers', 'name'],
  ['V1PodSpec.volumes', 'name'],
  ['V1Container.volumeMounts', 'mountPath'],
]);

/** What Go programs write as null when they mean nothing. */
const nullable = new Set(['V1ObjectMeta.creationTimestamp', 'V1PodSpec.containers']);

/** What has no meaning in a template. */
const omitted = new Set([
  'V1ObjectMeta.deletionGracePeriodSeconds',
  'V1ObjectMeta.deletionTimestamp',
  'V1ObjectMeta.generation',
  'V1ObjectMeta.managedFields',
  'V1ObjectMeta.ownerReferences',
  'V1ObjectMeta.resourceVersion',
  'V1ObjectMeta.selfLink',
  'V1ObjectMeta.uid',
  'V1PodSpec.ephemeralContainers',
]);

const schemas = new Map<string, StructuralSchema>();

/**
 * The structural schema of a built-in type, from client-node's type tables. Without descriptions: with them one CRD would
 * outgrow the annotation that `kubectl apply` keeps.
 */
export function kubernetesSchema(type: KubernetesClass): StructuralSchema {
  const known = schemas.get(type.name);
  if (known) return known;
  const properties = type
    .getAttributeTypeMap()
    .map((attribute) => ({ attribute, path: `${type.name}.${attribute.baseName}` }))
    .filter(({ path }) => !omitted.has(path))
    .map(({ attribute, path }) => [attribute.baseName, attributeSchema(attribute, path)] as const);
  const schema: StructuralSchema = { type: 'object', properties: Object.fromEntries(properties) };
  schemas.set(type.name, schema);
  return schema;
}

function attributeSchema({ type, format }: Attribute, path: string): StructuralSchema {
  const schema = typeSchema(type, format, quantities.has(path));
  const key = listKeys.get(path);
  return {
    ...schema,
    ...(nullable.has(path) && { nullable: true }),
    ...(key && {
      items: { ...schema.items, required: [key] },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': [key],
    }),
  };
}

function typeSchema(type: string, format: string, isQuantity: boolean): StructuralSchema {
  const item = /^Array<(.+)>$/.exec(type)?.[1];
  if (item) return { type: 'array', items: typeSchema(item, format, isQuantity) };
  const value = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (value) return { type: 'object', additionalProperties: typeSchema(value, format, isQuantity) };
  switch (type) {
    case 'string':
      return isQuantity ? quantity : { type: 'string' };
    case 'number':
      return format.startsWith('int') ? { type: 'integer', format } : { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    case 'Date':
      return { type: 'string', format: 'date-time' };
    case 'IntOrString':
      return { 'x-kubernetes-int-or-string': true };
    default:
      return kubernetesSchema(classNamed(type));
  }
}

function classNamed(name: string): KubernetesClass {
  const found = (clientNode as Record<string, unknown>)[name];
  if (typeof found !== 'function') throw new Error(`client-node has no class ${name}`);
  return found as unknown as KubernetesClass;
}
