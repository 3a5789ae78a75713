import { apiLevelOf } from '../../../../nats/api-level';
import { trouble, type Step } from '../step';
import { isReady, listed, type View } from '../survey';
import { jetStreamSight, nameOf } from './sight';

/** A stream that uses what an older server does not know would not be loaded by it: then no member goes back to that version. */
export function refuseDowngrade(view: View): readonly Step[] {
  const { wanted, members, servers } = view;
  if (!wanted?.jetStream || members.every(({ pod }) => !pod || pod.current)) return [];
  const level = apiLevelOf(wanted.version);
  const newer = members.filter(isReady).flatMap(({ pod }) => {
    const server = pod && servers.get(pod.pod.metadata.uid);
    return server?.unknown === undefined && server && apiLevelOf(server.version) > level ? [server.version] : [];
  });
  if (newer.length === 0) return [];
  const lost = jetStreamSight(view).groups.filter(({ apiLevel }) => apiLevel > level);
  if (lost.length === 0) return [];
  const because = `no member goes back to ${wanted.version}, which cannot keep ${listed(lost.map(nameOf))} (made for a newer JetStream API): set spec.version back to ${newer[0] ?? ''}, or delete ${lost.length > 1 ? 'them' : 'it'}`;
  return [trouble('DowngradeRefused', because)];
}
