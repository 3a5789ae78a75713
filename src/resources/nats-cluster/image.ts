import { OneOf } from '../schema/fields';
import { KubernetesList } from '../schema/sections';
import { V1LocalObjectReference } from '@kubernetes/client-node';

export const pullPolicies = ['Always', 'IfNotPresent', 'Never'] as const;
export type PullPolicy = (typeof pullPolicies)[number];

/** How the server image is pulled; which one it is say `serverImage` and `version`. */
export class ImageSpec {
  /** When a node pulls the image. On change: rolling restart. */
  @OneOf(pullPolicies) pullPolicy: PullPolicy = 'IfNotPresent';

  /** Secrets with the registry's credentials, added to those of the service account. On change: rolling restart. */
  @KubernetesList(V1LocalObjectReference, { max: 16 }) pullSecrets?: V1LocalObjectReference[];
}
