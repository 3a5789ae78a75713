import { isConfigSecret } from '../../../../templates/config-secret';
import { gatewaysAnnotation } from '../../../../templates/names';
import { type Step } from '../step';
import { listed, type View } from '../survey';

/** Gateways come and go without an event. */
const lookAgain = 5;

/**
 * Where gateways join two clusters that have a JetStream meta group each, one of the two groups wins, and all streams of the other
 * side are deleted (measured, 2.10.29 and 2.15.2). What a cluster that is listed later has, nobody here can tell. From its own
 * side it joins only while it has no streams (see `guardStreams`), and gateways connect both ways then: so it is taken here when it
 * is connected, which changes nothing for JetStream any more.
 */
export function guardGateways(view: View): readonly Step[] {
  const servers = [...view.servers.values()];
  const apart = newGateways(view).filter(
    (name) => !servers.some((server) => server.unknown === undefined && server.gateways?.has(name)),
  );
  if (apart.length === 0) return [];
  const { name } = view.cluster.metadata;
  const [is, it, has] = apart.length > 1 ? ['are', 'them', 'have'] : ['is', 'it', 'has'];
  const because = `spec.gatewayConfig.gateways: ${listed(apart)} ${is} not connected, and where ${it} ${has} a JetStream meta group too, all streams of one side would be lost. Let ${it} join first, without streams and with ${name} among the gateways there, while spec.gatewayConfig.rejectUnknown is not set here; or take ${it} off the list. Nothing is changed until then`;
  return [{ topic: 'ConfigValid', reason: 'GatewaysInTheWay', because, actions: [], again: lookAgain }];
}

/**
 * The clusters that the spec lists and that servers are not joined to: those are in the secret that servers start from, where what is
 * held back is not written, or else on the pods that are left. None where nothing tells, as with those of older operators.
 */
export function newGateways({ wanted, objects, pods, cluster }: View): readonly string[] {
  const secret = objects.find((object) => isConfigSecret(object, cluster));
  const holders = secret?.metadata.annotations?.[gatewaysAnnotation] === undefined ? pods : [secret];
  const lists = holders.flatMap(({ metadata }) => metadata.annotations?.[gatewaysAnnotation] ?? []);
  if (lists.length === 0) return [];
  const known = new Set(lists.flatMap((list) => list.split(',')));
  return wanted?.gateways?.filter((name) => !known.has(name)) ?? [];
}
