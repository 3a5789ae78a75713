import { apiLevelOf } from '../../../../nats/api-level';
import { hasServed } from '../pod-state';
import { versionOf } from '../roll-members';
import { trouble, waiting, type Step } from '../step';
import { isReady, listed, type Member, type View } from '../survey';
import { jetStreamSight, nameOf } from './sight';

/**
 * A stream that uses what an older server does not know would not be loaded by it: then no member goes back to that version,
 * and none is made with it. What streams there are must be known of all servers before.
 */
export function refuseDowngrade(view: View): readonly Step[] {
  const { wanted, members } = view;
  if (!wanted?.jetStream || members.every(({ pod }) => !pod || pod.current)) return [];
  const { version } = wanted;
  const level = apiLevelOf(version);
  const newer = members.filter((member) => apiLevelOf(runningVersion(view, member) ?? version) > level);
  const [first] = newer;
  if (!first) return [];
  const cure = `set spec.version back to ${runningVersion(view, first) ?? ''}`;
  const { groups, reports, unknown } = jetStreamSight(view);
  const lost = groups.filter(({ apiLevel }) => apiLevel > level);
  if (lost.length > 0) {
    const because = `no member goes back to ${version}, which cannot keep ${listed(lost.map(nameOf))} (made for a newer JetStream API): ${cure}, or delete ${lost.length > 1 ? 'them' : 'it'}`;
    return [trouble('DowngradeRefused', because)];
  }
  const unread = [...reports].filter(([, report]) => report.groups === undefined).map(([name]) => name);
  if (unread.length > 0) {
    const because = `no member goes back to ${version}, as ${listed(unread)} ${unread.length > 1 ? 'have' : 'has'} too many streams to tell whether it can keep them: ${cure}`;
    return [trouble('DowngradeRefused', because)];
  }
  const goesBack = `no member goes back to ${version} before it is known which streams it is to keep`;
  if (unknown !== undefined) return [waiting('Rolling', `${goesBack}: ${unknown}`, 5)];
  const away = newer.find((member) => !isReady(member));
  if (!away?.pod) return [];
  const { name } = away.pod.pod.metadata;
  return [trouble('DowngradeRefused', `${goesBack}, and ${away.name} does not serve: ${cure}, or delete pod ${name}`)];
}

/** The version of a member's server; undefined where it never served, so that it made no stream, or where nothing tells. */
function runningVersion({ servers }: View, member: Member): string | undefined {
  const { pod } = member;
  if (!pod) return undefined;
  const server = servers.get(pod.pod.metadata.uid);
  if (isReady(member) && server && server.unknown === undefined) return server.version;
  const tag = versionOf(pod);
  return tag !== undefined && apiLevelOf(tag) !== Infinity && hasServed(pod.pod) ? tag : undefined;
}
