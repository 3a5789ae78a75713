import { routesTlsAnnotation, streamsOfAnnotation } from '../../../../templates/names';
import { type Step } from '../step';
import { type MemberPod, type View } from '../survey';

/**
 * Between a server with TLS for routes and one without no route forms (measured). In a roll the first member would be cut off from
 * the group of the servers, the next one would wait for it for ever, and with more of them JetStream would have no majority. So
 * routes change that way only when all members restart together, which is for a person to decide: until then the old config
 * stays as it is. Where most members run as wanted, as after a change that was taken back, nothing is held.
 */
export function guardRoutes({ wanted, members, surplus, cluster }: View): readonly Step[] {
  if (wanted?.streamsOf === undefined || wanted.streamsOf === 'one-server') return [];
  const running = [...members, ...surplus].flatMap(({ pod }) => (pod && keepsStreams(pod) ? [pod] : []));
  const others = running.filter(({ pod }) => {
    const tls = pod.metadata.annotations?.[routesTlsAnnotation];
    return tls !== undefined && tls !== wanted.routesTls;
  });
  if (running.length < 2 || others.length * 2 <= running.length) return [];
  const { name, namespace } = cluster.metadata;
  const change = wanted.routesTls === 'on' ? 'routes are to have TLS' : 'routes are to have no TLS any more';
  const because = `spec.tls.routesSecret: ${change}, but servers with it and without it have no routes to each other, so that JetStream would lose its majority while members restart one by one. Set it back, or restart all at once, for which nobody is served for a moment and streams in memory are lost: kubectl delete pod -n ${namespace} -l nats_cluster=${name}. Nothing is changed until then`;
  return [{ topic: 'ConfigValid', reason: 'RoutesInTheWay', because, actions: [] }];
}

function keepsStreams({ pod, state }: MemberPod): boolean {
  const streamsOf = pod.metadata.annotations?.[streamsOfAnnotation];
  return state !== 'starting' && streamsOf !== undefined && streamsOf !== 'one-server';
}
