import { configAnnotation, routesAnnotation } from '../../../templates/names';
import { deniedAnnotation, deniedBy } from './denied';
import { reloadOf } from './pod-config';
import { type Pod, type Server, type Wanted } from './situation';
import { doing, trouble, waiting, type Step } from './step';
import { isReady, type Member, type MemberPod, type View } from './survey';

/**
 * Annotation of a pod: the config that it was told of, and when. Any change of a pod makes its kubelet look at mounted
 * secrets at once instead of within a minute.
 */
export const toldAnnotation = 'nats.io/config-told';

/** Seconds that a kubelet has to renew a mounted file. Measured: 0.1 to 0.4. */
const renewSeconds = 0.5;
/** A kubelet that heard of the pod before it heard of the secret is told again after so many seconds. */
const tellAgainSeconds = 10;
/** Seconds until a server that was asked is looked at. */
const lookSeconds = 0.5;
/** Seconds until a server that could not be reached is tried again. */
const retrySeconds = 10;

/**
 * Lets running servers load a new config where that is enough, one by one, so that a config which a server refuses, or
 * dies of, meets one and not all. For each: its kubelet is told to renew the file, the server is asked to reload it, and what
 * it has loaded is read from the server itself and written on the pod. A server may be asked before its file is new: then
 * it loads what it had, and is asked again. A renewed certificate counts as loaded when a handshake shows it.
 */
export function reloadConfig(view: View): readonly Step[] {
  const { wanted, servers } = view;
  if (wanted?.config === undefined) return [];
  const pending = pendingReloads(view);
  const [first] = pending;
  if (!first) return [];
  const loaded = pending.filter(({ pod }) => {
    const server = servers.get(pod.metadata.uid);
    return (
      server !== undefined &&
      server.unknown === undefined &&
      server.config === wanted.config &&
      server.serial === wanted.serial
    );
  });
  if (loaded.length > 0) return loaded.map(({ name, pod }) => record(name, pod, wanted));
  const refused = pending.find(({ pod }) => deniedBy(pod, reloadOf(wanted, ''))?.denial === 'refused');
  if (refused) return [refusal(refused, wanted)];
  return reload(view, first, pending.length);
}

interface Pending extends MemberPod {
  readonly name: string;
}

/** Members that serve, need no restart, and have another config than the spec asks for. */
export function pendingReloads({ members }: Pick<View, 'members'>): readonly Pending[] {
  return members.filter(isReady).flatMap(({ name, pod }: Member) => {
    return pod?.current && !pod.loaded ? [{ name, ...pod }] : [];
  });
}

function reload(view: View, { name, pod }: Pending, left: number): readonly Step[] {
  const { wanted, now, servers } = view;
  if (wanted?.config === undefined) return [];
  const of = `${left} of ${view.members.length} members have yet to load the new config`;
  const told = toldOf(pod);
  const age = told?.config === wanted.config ? (now - told.at) / 1000 : Infinity;
  if (age < 0 || age > tellAgainSeconds) {
    const annotations = { [toldAnnotation]: `${wanted.config} ${new Date(now).toISOString()}` };
    const because = `${name} is the next to load it: ${of}`;
    return [
      {
        ...doing('Reloading', because, [{ do: 'relabel', object: pod, labels: {}, annotations }]),
        again: renewSeconds,
      },
    ];
  }
  if (age < renewSeconds) return [waiting('Reloading', `${name} gets its new file: ${of}`, renewSeconds - age)];
  const server: Server = servers.get(pod.metadata.uid) ?? { unknown: 'it was not asked yet' };
  if (server.unknown !== undefined) {
    return [
      waiting('Reloading', `${name} can't be asked which config it has, as ${server.unknown}: ${of}`, lookSeconds * 4),
    ];
  }
  const command = { do: 'command', object: pod, command: reloadOf(wanted, server.id) } as const;
  const denied = deniedBy(pod, command.command);
  if (denied) {
    const because = `${name} can't be asked to load its new config, and goes on with the one before: ${denied.words}`;
    return [{ ...trouble('ReloadFailed', because, retrySeconds), actions: [command] }];
  }
  return [{ ...doing('Reloading', `${name} is asked to load its new config: ${of}`, [command]), again: lookSeconds }];
}

function record(name: string, pod: Pod, { config = '', routes }: Wanted): Step {
  const known = pod.metadata.annotations ?? {};
  const gone = [toldAnnotation, deniedAnnotation].filter((key) => key in known).map((key) => [key, null] as const);
  const annotations = { [configAnnotation]: config, [routesAnnotation]: routes, ...Object.fromEntries(gone) };
  return doing('Reloading', `${name} has loaded its new config`, [
    { do: 'relabel', object: pod, labels: {}, annotations },
  ]);
}

function refusal({ name, pod }: Pending, wanted: Wanted): Step {
  const words = deniedBy(pod, reloadOf(wanted, ''))?.words ?? '';
  return trouble(
    'ReloadRefused',
    `${name} refuses its new config and goes on with the one before, and no other member is asked: ${words}. Change the spec, and it is tried again`,
  );
}

/** What a person may have edited is read with care. */
function toldOf({ metadata }: Pod): { config: string; at: number } | undefined {
  const [config = '', time = ''] = metadata.annotations?.[toldAnnotation]?.split(' ') ?? [];
  const at = Date.parse(time);
  return Number.isNaN(at) ? undefined : { config, at };
}
