import { streamsOfAnnotation } from '../../../../templates/names';
import { claimOf } from '../claims';
import { type Step, waiting } from '../step';
import { listed, type Member, type View } from '../survey';
import { heldStreams, runningMode } from './held-streams';
import { jetStreamSight, nameOf } from './sight';

/**
 * The streams of a single server do not survive that it joins others: half a minute later they delete what their group does not
 * know; and a single server can't load streams with several replicas (both measured, 2.10.29 and 2.15.2). So servers go from
 * one to the other only while they have no streams, and so do claims. Until then the old config stays as it is.
 */
export function guardStreams(view: View): readonly Step[] {
  const { wanted, members, surplus } = view;
  if (!wanted?.streamsOf) return [];
  const others = [...members, ...surplus].filter((member) => {
    // what runs tells more than what it runs on: a claim may have been written ahead of it
    const used = runningMode(member) ?? (member.ordinal < wanted.size ? claimMode(view, member) : undefined);
    return used !== undefined && used !== wanted.streamsOf;
  });
  const held = others.map((member) => ({ member, count: heldStreams(view, member) }));
  const was = wanted.streamsOf === 'one-server' ? 'several servers' : 'a single server';
  const full = held.filter(({ count }) => count !== undefined && count > 0).map(({ member }) => member.name);
  if (full.length > 0) {
    const streams = jetStreamSight(view)
      .groups.filter(({ consumer, leader, replicas }) => {
        const on = [leader, ...replicas.map(({ name }) => name)];
        return consumer === undefined && full.some((name) => on.includes(name));
      })
      .map(nameOf);
    const what = streams.length > 0 ? listed(streams) : `the streams on ${listed(full)}`;
    return [inTheWay(view, `${what}, made with ${was},`)];
  }
  const unknown = held.filter(({ count }) => count === undefined).map(({ member }) => member);
  const vacant = unknown.filter(({ pods }) => pods.length === 0).map(({ name }) => name);
  if (vacant.length > 0) return [inTheWay(view, `claim ${listed(vacant)} may hold streams of ${was}, which`)];
  const silent = unknown.map(({ name }) => name);
  if (silent.length === 0) return [];
  const because = `whether there are streams on ${listed(silent)}, made with ${was}, is not known before ${silent.length > 1 ? 'they answer' : 'it answers'}`;
  return [waiting('GuardingStreams', `${because}; spec.size can be set back`, 5)];
}

function claimMode(view: View, member: Member): string | undefined {
  return claimOf(view, member)?.metadata.annotations?.[streamsOfAnnotation];
}

function inTheWay({ wanted }: View, what: string): Step {
  const cure = `set spec.size back, or back the streams up (nats account backup), delete them, change the size, and restore them`;
  const because = `spec.size: ${what} would be lost with size ${wanted?.size ?? 0}: ${cure}. Nothing is changed until then`;
  return { topic: 'ConfigValid', reason: 'StreamsInTheWay', because, actions: [] };
}
