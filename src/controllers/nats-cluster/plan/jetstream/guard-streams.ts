import { streamsOfAnnotation } from '../../../../templates/names';
import { claimOf } from '../claims';
import { type Step, waiting } from '../step';
import { listed, type View } from '../survey';
import { jetStreamSight, nameOf } from './sight';

/**
 * The streams of a single server do not survive that it joins others: half a minute later they delete what their group does not
 * know; and a single server can't load streams with several replicas (both measured, 2.10.29 and 2.15.2). So a claim goes from
 * one to the other only while there are no streams. Until then the old config stays as it is.
 */
export function guardStreams(view: View): readonly Step[] {
  const { wanted, members, surplus } = view;
  if (!wanted?.claim) return [];
  const others = members.filter((member) => {
    const used = claimOf(view, member)?.metadata.annotations?.[streamsOfAnnotation];
    return used !== undefined && used !== wanted.claim?.(member.ordinal).metadata.annotations?.[streamsOfAnnotation];
  });
  if (others.length === 0) return [];
  const claims = others.map(({ name }) => name);
  const was = wanted.size === 1 ? 'several servers' : 'a single server';
  const sight = jetStreamSight(view);
  const running = [...members, ...surplus].filter(({ pods }) => pods.length > 0);
  if (running.length > 0 && running.some(({ name }) => !sight.reports.has(name))) {
    const because = `whether there are streams is not known before all servers answer, and claim ${listed(claims)} comes from ${was}`;
    return [waiting('GuardingStreams', because, 5)];
  }
  const streams = sight.groups.filter(({ consumer }) => consumer === undefined).map(nameOf);
  const count = [...sight.reports.values()].reduce((sum, report) => sum + report.streams, 0);
  if (running.length > 0 && count === 0) return [];
  const what =
    running.length === 0
      ? `claim ${listed(claims)} may hold streams of ${was}, which`
      : `${streams.length > 0 ? listed(streams) : `${count} streams`}, made with ${was},`;
  const cure = `set spec.size back, or back the streams up (nats account backup), delete them, change the size, and restore them`;
  const because = `spec.size: ${what} would be lost with size ${wanted.size}: ${cure}`;
  return [
    {
      topic: 'ConfigValid',
      reason: 'StreamsInTheWay',
      because: `${because}. Nothing is changed until then`,
      actions: [],
    },
  ];
}
