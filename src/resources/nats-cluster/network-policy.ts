import { V1NetworkPolicyPeer } from '@kubernetes/client-node';
import { KubernetesList } from '../schema/sections';

/**
 * Keeps a NetworkPolicy for the pods: members reach each other, the operator reaches monitoring, and only those named
 * here reach the rest. Its presence turns it on.
 */
export class NetworkPolicySpec {
  /** Who may reach the client, websocket and MQTT ports; without it everyone, an empty list means nobody. On change: nothing restarts. */
  @KubernetesList(V1NetworkPolicyPeer, { max: 64 }) clients?: V1NetworkPolicyPeer[];

  /** Who may reach the monitoring and metrics ports beside the operator; without it nobody. On change: nothing restarts. */
  @KubernetesList(V1NetworkPolicyPeer, { max: 64 }) monitoring?: V1NetworkPolicyPeer[];

  /** Who may reach the gateway and leaf node ports; without it everyone, an empty list means nobody. On change: nothing restarts. */
  @KubernetesList(V1NetworkPolicyPeer, { max: 64 }) clusters?: V1NetworkPolicyPeer[];
}
