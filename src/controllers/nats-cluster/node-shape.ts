import { type StoredObject } from '../../kubernetes/object';
import { externalAddressLabel } from './plan/external-addresses';
import { hostNameLabel } from './plan/move-away';
import { type Node } from './plan/situation';

const kept = [externalAddressLabel, hostNameLabel];

/** Of a node only what plans read: its images alone are most of it, and it is written every few minutes. */
export function nodeShape(object: StoredObject): StoredObject & Node {
  const { apiVersion, kind, metadata, spec, status } = object as StoredObject & Node;
  const { name, uid, resourceVersion, creationTimestamp } = metadata;
  const labels = Object.entries(metadata.labels ?? {}).filter(([key]) => kept.includes(key));
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      uid,
      resourceVersion,
      creationTimestamp,
      labels: labels.length > 0 ? Object.fromEntries(labels) : undefined,
    },
    spec: { taints: spec?.taints?.map(({ key }) => ({ key })) },
    status: {
      conditions: status?.conditions?.filter(({ type }) => type === 'Ready'),
      addresses: status?.addresses?.filter(({ type }) => type === 'ExternalIP'),
    },
  };
}
