import { streamsOfAnnotation } from '../../../../templates/names';
import { claimOf } from '../claims';
import { type Step, waiting } from '../step';
import { listed, type Member, type View } from '../survey';
import { heldStreams, runningMode } from './held-streams';
import { jetStreamSight, nameOf } from './sight';

/**
 * The streams of a single server do not survive that it joins others: half a minute later they delete what their group does not
 * know; and a single server can't load streams with several replicas (both measured, 2.10.29 and 2.15.2). Where gateways join
 * two clusters that have a group each, one of the two groups wins, and all streams of the other are deleted (measured, the
 * same). So servers go from one to the other only while they have no streams, and so do claims. Until then the old config stays.
 */
export function guardStreams(view: View): readonly Step[] {
  const { wanted, members, surplus } = view;
  if (!wanted?.streamsOf) return [];
  const others = [...members, ...surplus].flatMap((member) => {
    // what runs tells more than what it runs on: a claim may have been written ahead of it
    const used = runningMode(member) ?? (member.ordinal < wanted.size ? claimMode(view, member) : undefined);
    return used === undefined || used === wanted.streamsOf ? [] : [{ member, used }];
  });
  const held = others.map(({ member }) => ({ member, count: heldStreams(view, member) }));
  const modes = new Set([...others.map(({ used }) => used), wanted.streamsOf]);
  const was = listed([...modes].filter((mode) => mode !== wanted.streamsOf).map((mode) => makers[mode] ?? mode));
  const field = modes.has('super-cluster') ? 'spec.gatewayConfig' : 'spec.size';
  const full = held.filter(({ count }) => count !== undefined && count > 0).map(({ member }) => member.name);
  if (full.length > 0) {
    const streams = jetStreamSight(view)
      .groups.filter(({ consumer, leader, replicas }) => {
        const on = [leader, ...replicas.map(({ name }) => name)];
        return consumer === undefined && full.some((name) => on.includes(name));
      })
      .map(nameOf);
    const what = streams.length > 0 ? listed(streams) : `the streams on ${listed(full)}`;
    return [inTheWay(view, field, `${what}, made with ${was},`)];
  }
  const unknown = held.filter(({ count }) => count === undefined).map(({ member }) => member);
  const vacant = unknown.filter(({ pods }) => pods.length === 0).map(({ name }) => name);
  if (vacant.length > 0) return [inTheWay(view, field, `claim ${listed(vacant)} may hold streams of ${was}, which`)];
  const silent = unknown.map(({ name }) => name);
  if (silent.length === 0) return parting(view, modes);
  const because = `whether there are streams on ${listed(silent)}, made with ${was}, is not known before ${silent.length > 1 ? 'they answer' : 'it answers'}`;
  return [waiting('GuardingStreams', `${because}; ${field} can be set back`, 5)];
}

/** Whose streams they are, in words. */
const makers: Readonly<Record<string, string>> = {
  'one-server': 'a single server',
  cluster: 'several servers',
  'super-cluster': 'the servers of a super-cluster',
};

function claimMode(view: View, member: Member): string | undefined {
  return claimOf(view, member)?.metadata.annotations?.[streamsOfAnnotation];
}

function inTheWay({ wanted }: View, field: string, what: string): Step {
  const cure = `set ${field} back, or back the streams up (nats account backup), delete them, change it, and restore them`;
  const when =
    field === 'spec.size' ? `with size ${wanted?.size ?? 0}` : 'when clusters with JetStream are joined or parted';
  return refused(`${field}: ${what} would be lost ${when}: ${cure}. Nothing is changed until then`);
}

/** Those of other clusters are counted for the majority, gateways or not: nobody is left to have one without them. */
function parting(view: View, modes: ReadonlySet<string>): readonly Step[] {
  const isUnderWay = view.members.some((member) => runningMode(member) === 'cluster');
  if (view.wanted?.streamsOf !== 'cluster' || !modes.has('super-cluster') || isUnderWay) return [];
  const { meta } = jetStreamSight(view);
  if (meta?.abroad.length === 0) return [];
  const who = meta ? listed(meta.abroad.map(({ name }) => name)) : 'servers that are not known';
  const cure =
    'set spec.gatewayConfig back, or delete those clusters and take their servers out of the group (nats server cluster peer-remove) first';
  return [
    refused(
      `spec.gatewayConfig: the JetStream meta group counts ${who} of other clusters, and would have no majority: ${cure}. Nothing is changed until then`,
    ),
  ];
}

function refused(because: string): Step {
  return { topic: 'ConfigValid', reason: 'StreamsInTheWay', because, actions: [] };
}
