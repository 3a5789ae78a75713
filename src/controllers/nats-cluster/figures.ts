import { type ClusterFigures } from '../../observability/cluster-metrics';
import { ailmentOf } from './plan/jetstream/health';
import { jetStreamSight } from './plan/jetstream/sight';
import { isReady, type View } from './plan/survey';

/** The figures of a cluster as it was seen. Pure. What needs an answer of servers is undefined where there is none. */
export function figuresOf(view: View): ClusterFigures {
  const { members, wanted } = view;
  const ends = (wanted?.certificates ?? []).map(({ notAfter }) => notAfter / 1000);
  const figures = {
    size: members.length,
    ready: members.filter(isReady).length,
    certificateExpiry: ends.length > 0 ? Math.min(...ends) : undefined,
  };
  if (!wanted?.jetStream) return figures;
  const { reports, meta, followed, groups } = jetStreamSight(view);
  if (reports.size === 0) return { ...figures, jetStream: {} };
  const ailment = ailmentOf(view);
  const isAlone = wanted.streamsOf === 'one-server';
  const streams = groups.filter(({ consumer }) => consumer === undefined);
  return {
    ...figures,
    jetStream: {
      healthy: ailment ? (ailment.known ? false : undefined) : true,
      // a single server has no group
      hasLeader: isAlone
        ? undefined
        : meta !== undefined || (wanted.streamsOf === 'super-cluster' && followed !== undefined),
      peersOffline: meta?.peers.filter(({ offline }) => offline).length,
      peersLagging: meta?.peers.filter(({ offline, current }) => !offline && !current).length,
      streamsWithoutQuorum: isAlone ? undefined : streams.filter(({ leader }) => leader === undefined).length,
      streamsLagging: streams.filter(
        ({ leader, replicas }) => leader !== undefined && replicas.some(({ current, offline }) => offline || !current),
      ).length,
    },
  };
}
