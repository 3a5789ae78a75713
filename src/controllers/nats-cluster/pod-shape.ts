import { type StoredObject } from '../../kubernetes/object';
import { type Pod } from './plan/situation';

/** Of a pod only what plans read: a tenth of it, and there are thousands. */
export function podShape(object: StoredObject): StoredObject & Pod {
  const { apiVersion, kind, metadata, spec, status } = object as StoredObject & Pod;
  return {
    apiVersion,
    kind,
    metadata,
    spec: {
      nodeName: spec.nodeName,
      containers: spec.containers?.map(({ name, image }) => ({ name, image })),
    },
    status: status && {
      phase: status.phase,
      podIP: status.podIP,
      conditions: status.conditions,
      containerStatuses: status.containerStatuses,
      initContainerStatuses: status.initContainerStatuses,
    },
  };
}
