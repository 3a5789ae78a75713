import { configAnnotation, restartsAnnotation, routesAnnotation } from '../../../templates/names';
import { requestAnnotations } from '../../../resources/nats-cluster/requests';
import { systemUserField } from '../../../templates/auth-secrets/references';
import { deniedAnnotation, deniedBy } from './denied';
import { refusalOf } from './guard-config';
import { stayingMembers } from './jetstream/leave-jetstream';
import { reloadOf } from './pod-config';
import { readySince, restartsOf } from './pod-state';
import { type Pod, type Server, type Wanted } from './situation';
import { doing, trouble, waiting, type Step } from './step';
import { isReady, listed, type Member, type MemberPod, type View } from './survey';
import { tell, toldAnnotation, toldOf } from './told';

/** Seconds that a kubelet has to renew a mounted file. Measured: 0.1 to 0.4. */
const renewSeconds = 0.5;
/** A kubelet that heard of the pod before it heard of the secret is told again after so many seconds. */
const tellAgainSeconds = 10;
/** Within so many seconds an operator that runs comes back to a server that denies, for each of those that wait for their turn. */
const turnSeconds = 20;
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
  const next = nextOf(pending, view);
  if (!next) return noteStarting(view, wanted);
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
  if (refusalOf(view) !== undefined) return [];
  return [...failures(pending, wanted), ...noteStarting(view, wanted), ...reload(view, next, pending)];
}

/** Who has a password of ours and is not let in with it is restarted: these are credentials of the user. */
const credentialsCure = `. Write credentials of a user whom the system account knows into the secret that ${systemUserField} refers to; or let annotation ${requestAnnotations.restart} restart the members, where it is they that do not know the account as it is now`;

interface Pending extends MemberPod {
  readonly name: string;
}

/**
 * Members that serve, need no restart, and have another config than the spec asks for. Those beyond the size count as long as they
 * have to stay, which may be long: a user that was taken away must not be let in there.
 */
export function pendingReloads(view: View): readonly Pending[] {
  return stayingMembers(view)
    .filter(isReady)
    .flatMap(({ name, pod }: Member) => {
      return pod?.current && !pod.loaded ? [{ name, ...pod }] : [];
    });
}

/** Says who can't be asked, why, and what comes of it. */
function failures(pending: readonly Pending[], wanted: Wanted): readonly Step[] {
  const failing = failingOf(pending, wanted);
  const [first] = failing;
  if (!first) return [];
  const names = listed(failing.map(({ name }) => name));
  const isForUser = first.denial === 'unknown-user' && wanted.systemUser !== undefined;
  const patience = `, until a restart if that lasts for ${wanted.healthTimeoutSeconds} s`;
  const then = `with the config before${isForUser ? '' : patience}`;
  // of credentials that are known to be of no use another step speaks
  const cure = isForUser && !wanted.systemUser.missing ? credentialsCure : '';
  const because = `${names} can't be asked to load the new config, and ${failing.length > 1 ? 'go' : 'goes'} on ${then}: ${first.words}${cure}`;
  return [trouble('ReloadFailed', because)];
}

/**
 * Tells those of the new config who start while it is on its way: they find it or the one before, and are looked at when they
 * serve, also where the one before is wanted again by then.
 */
function noteStarting(view: View, { config = '' }: Wanted): readonly Step[] {
  const { members, surplus, now } = view;
  if (refusalOf(view) !== undefined) return [];
  const starting = [...members, ...surplus].flatMap((member) => {
    const { name, pod } = member;
    if (!pod || isReady(member) || !pod.current || pod.loaded || toldOf(pod.pod)?.config === config) return [];
    return pod.pod.metadata.annotations?.[configAnnotation] === config ? [] : [{ name, pod: pod.pod }];
  });
  if (starting.length === 0) return [];
  const because = `${listed(starting.map(({ name }) => name))} may start with the config before, and ${starting.length > 1 ? 'are' : 'is'} told of the new one`;
  return [
    doing(
      'Reloading',
      because,
      starting.map(({ pod }) => tell(pod, { config, since: now, last: now })),
    ),
  ];
}

function failingOf(pending: readonly Pending[], wanted: Wanted) {
  return pending.flatMap(({ name, pod }) => {
    const denied = deniedBy(pod, reloadOf(wanted, ''));
    return denied ? [{ name, ...denied }] : [];
  });
}

/** Who is asked next: who can't be reached, or seen, lets the others pass, and is tried again in turn. */
function nextOf(pending: readonly Pending[], { wanted, servers }: View): Pending | undefined {
  if (!wanted) return undefined;
  const lastTry = ({ pod }: Pending) => {
    const told = toldOf(pod);
    const isUnseen = servers.get(pod.metadata.uid)?.unknown !== undefined;
    if (told?.config === wanted.config && isUnseen) return Infinity;
    return deniedBy(pod, reloadOf(wanted, '')) ? (told?.last ?? 0) : -1;
  };
  return [...pending].sort((a, b) => lastTry(a) - lastTry(b))[0];
}

function reload(view: View, { name, pod }: Pending, pending: readonly Pending[]): readonly Step[] {
  const { wanted, now, servers } = view;
  if (wanted?.config === undefined) return [];
  const { config, healthTimeoutSeconds: patience } = wanted;
  const running = [...view.members, ...view.surplus].filter(isReady).length;
  const of = `${pending.length} of ${Math.max(running, view.members.length)} members have yet to load the new config`;
  const before = toldOf(pod);
  const told = before?.config === config ? before : undefined;
  const server: Server = servers.get(pod.metadata.uid) ?? { unknown: 'it was not asked yet' };
  // time in which it can't be asked does not count as time in which it was asked in vain
  if (told && told.last > 0 && server.unknown !== undefined) {
    const because = `${name} can't be asked which config it has, as ${server.unknown}: ${of}`;
    const wait = waiting('Reloading', because, lookSeconds * 4);
    const since = Math.max(told.since, readySince(pod));
    return now - since < patience * 1000 ? [wait] : [wait, trouble('ReloadFailed', because)];
  }
  const isAgain = deniedBy(pod, reloadOf(wanted, '')) !== undefined;
  const failing = failingOf(pending, wanted).map((each) => each.name);
  // it stays the same whoever's turn it is, and is told once
  const again = `${listed(failing)} ${failing.length > 1 ? 'are' : 'is'} asked again and again: ${of}`;
  const because = (first: string) => (isAgain ? again : `${name} ${first}: ${of}`);
  const age = told ? (now - told.last) / 1000 : Infinity;
  if (age < 0 || age > tellAgainSeconds) {
    // time in which nobody asked, as no operator ran or it did not serve, does not count as time in which it was asked in vain
    // either; and only those that deny take turns
    const turns = isAgain ? pending.length : 1;
    const inVain = told && age > 0 ? told.last - told.since + (age > turnSeconds * turns ? 0 : age * 1000) : 0;
    const since = now - inVain;
    const step = doing('Reloading', because('is the next to load it'), [tell(pod, { config, since, last: now })]);
    return [{ ...step, again: renewSeconds }];
  }
  if (age < renewSeconds || server.unknown !== undefined) {
    return [waiting('Reloading', because('gets its new file'), renewSeconds - age)];
  }
  const command = { do: 'command', object: pod, command: reloadOf(wanted, server.id) } as const;
  // what lasts is asked for less often
  const soon = Math.min(retrySeconds, Math.max(lookSeconds, (now - (told?.since ?? now)) / 4000));
  const ask = doing('Reloading', because('is asked to load its new config'), [command]);
  return [{ ...ask, again: isAgain ? retrySeconds : soon }];
}

function record(name: string, pod: Pod, { config = '', routes }: Wanted): Step {
  const known = pod.metadata.annotations ?? {};
  const gone = [toldAnnotation, deniedAnnotation].filter((key) => key in known).map((key) => [key, null] as const);
  const restarts = restartsOf(pod);
  const annotations = {
    ...{ [configAnnotation]: config, [routesAnnotation]: routes },
    ...((restarts > 0 || restartsAnnotation in known) && { [restartsAnnotation]: String(restarts) }),
    ...Object.fromEntries(gone),
  };
  return doing('Reloading', `${name} has loaded its new config`, [
    { do: 'relabel', object: pod, labels: {}, annotations },
  ]);
}
