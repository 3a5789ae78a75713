import { readMetaGroup, type MetaGroup } from '../../nats/jetstream-report';
import { SystemError } from '../../nats/system-client';
import { jetStreamSight } from './plan/jetstream/sight';
import { type View } from './plan/survey';

/**
 * The JetStream meta group of a super-cluster, whose leader may be in another cluster: only it knows how the others are, and it is
 * asked through one of ours. Undefined where one of ours leads, where nobody does, or where it can't be asked.
 */
export async function metaGroupAbroad(view: View): Promise<MetaGroup | undefined> {
  const { wanted } = view;
  if (wanted?.streamsOf !== 'super-cluster' || !wanted.access) return undefined;
  const { followed, meta, reports } = jetStreamSight(view);
  if (followed === undefined || meta) return undefined;
  const asked = [...view.members, ...view.surplus].find(({ name }) => reports.has(name))?.pod?.pod;
  const ip = asked?.status?.podIP;
  if (!ip) return undefined;
  try {
    return await readMetaGroup({ ip, access: wanted.access });
  } catch (error) {
    // what can't be asked is not known: the plan says what it waits for
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
