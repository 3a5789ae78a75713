import { type V1OwnerReference } from '@kubernetes/client-node';

/** `metadata` of a resource as JSON carries it: times are RFC 3339 strings. */
export interface Metadata {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  generation: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: V1OwnerReference[];
}
