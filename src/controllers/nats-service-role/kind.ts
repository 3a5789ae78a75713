import { group, natsServiceRoleNames, storageVersion } from '../../resources/api';
import { type ResourceKind } from '../../kubernetes/resource-kind';

/** NatsServiceRole, as the operator reads and writes it. */
export const natsServiceRoleKind: ResourceKind = {
  group,
  version: storageVersion,
  kind: natsServiceRoleNames.kind,
  plural: natsServiceRoleNames.plural,
  namespaced: true,
};
