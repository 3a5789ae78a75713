import * as kubernetes from '@kubernetes/client-node';
import { type StructuralSchema } from './structural';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

/** A generated class of client-node: it knows the names and types of its fields. */
export interface KubernetesClass {
  readonly name: string;
  getAttributeTypeMap(): Attribute[];
}

export function kubernetesSchema(_type: KubernetesClass): StructuralSchema {
  return { type: 'object' };
}

/** What is wrong with `value` as a `type`, each with the path from `value` to it; empty if nothing is. */
export function kubernetesProblems(_type: KubernetesClass, _value: unknown, _path = ''): string[] {
  return [];
}

export const allTypes = kubernetes;
