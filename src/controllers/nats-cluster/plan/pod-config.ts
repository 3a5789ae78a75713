import { type Command } from '../../../nats/commands';
import {
  certificatesAnnotation,
  configAnnotation,
  encryptionAnnotation,
  restartHashAnnotation,
  restartsAnnotation,
  secretsAnnotation,
} from '../../../templates/names';
import { deniedBy } from './denied';
import { restartsOf } from './pod-state';
import { type Pod, type Wanted } from './situation';
import { toldOf } from './told';

/**
 * Whether a pod needs no restart: it was made from what the spec says now, but for what its server can reload. A server that
 * does not let the operator in any more, as after its password was lost, can only be restarted, and so can one that says that
 * it takes a change over with a restart only, or that was asked in vain for long.
 */
export function isCurrent(pod: Pod, wanted: Wanted | undefined): boolean {
  const hash = pod.metadata.annotations?.[restartHashAnnotation];
  if (!hasKey(pod, wanted)) return false;
  if (wanted === undefined) return false;
  if (!canReload(pod)) {
    return hash === wanted.wholeHash && hasSecrets(pod, wanted.wholeSecrets) && hasCertificates(pod, wanted);
  }
  return hash === wanted.restartHash && hasSecrets(pod, wanted.secrets) && !needsRestart(pod, wanted);
}

/**
 * Whether there is nothing that the server of a pod has to reload, as far as is known: one that started again by itself found the
 * file of that moment, which may have been one that was taken back since. While it is told of one, which ends when it is seen to
 * have loaded it, it may have another one than it had: also where the config is now again the one before, it has to load this one,
 * or a user that was taken away would stay.
 */
export function hasLoaded(pod: Pod, wanted: Wanted | undefined): boolean {
  if (!canReload(pod) || wanted?.config === undefined) return true;
  const { [configAnnotation]: config, [restartsAnnotation]: seen = '0' } = pod.metadata.annotations ?? {};
  return config === wanted.config && toldOf(pod) === undefined && seen === String(restartsOf(pod));
}

/** The command to load what the spec says now. */
export function reloadOf({ config = '' }: Wanted, serverId: string): Command {
  return { kind: 'reload', serverId, to: config };
}

/** Whether a pod was made from secrets that hold the same; what is not known is no reason to restart. */
function hasSecrets({ metadata }: Pod, secrets: string | undefined): boolean {
  return secrets === undefined || metadata.annotations?.[secretsAnnotation] === secrets;
}

/** Whether a pod was made with the certificates of now. Pods of older operators do not say: those from before a certificate was made were not. */
function hasCertificates({ metadata }: Pod, { certificatesHash, certificates = [] }: Wanted): boolean {
  if (certificatesHash === undefined) return true;
  const known = metadata.annotations?.[certificatesAnnotation];
  if (known !== undefined) return known === certificatesHash;
  const made = Date.parse(metadata.creationTimestamp);
  return certificates.every(({ notBefore }) => notBefore <= made);
}

/** Whether its server writes files with the key that the spec names; of pods of older operators that is not known. */
function hasKey({ metadata }: Pod, wanted: Wanted | undefined): boolean {
  const key = metadata.annotations?.[encryptionAnnotation];
  return key === undefined || !wanted?.encryption || key === wanted.encryption.now;
}

/** Pods of older operators, and those without a user of ours, were made without. */
function canReload({ metadata }: Pod): boolean {
  return metadata.annotations?.[configAnnotation] !== undefined;
}

/** How servers say that a setting is fixed while they run, where the config itself is good (nats-server reload.go, diffOptions). */
const fixedWhileRunning = /config reload not supported/i;

/** Whether its server was asked for long, and did not take it over, as where it lets nobody in who asks. */
function isOverdue(pod: Pod, { config, healthTimeoutSeconds }: Wanted): boolean {
  const told = toldOf(pod);
  return told !== undefined && told.config === config && told.last - told.since >= healthTimeoutSeconds * 1000;
}

/** Why the server of a pod refuses what the spec says now: it would not start with it either. */
export function refusalBy(pod: Pod, wanted: Wanted): string | undefined {
  const denied = deniedBy(pod, reloadOf(wanted, ''));
  if (denied?.denial !== 'refused' || fixedWhileRunning.test(denied.words)) return undefined;
  return pod.metadata.annotations?.[restartHashAnnotation] === wanted.restartHash ? denied.words : undefined;
}

function needsRestart(pod: Pod, wanted: Wanted): boolean {
  const denied = deniedBy(pod, reloadOf(wanted, ''));
  // a password comes with nats.conf; credentials that the user wrote are for the user to mend
  if (denied?.denial === 'unknown-user') return wanted.systemUser === undefined;
  if (denied?.denial === 'locked-out' || isOverdue(pod, wanted)) return true;
  return denied?.denial === 'refused' && fixedWhileRunning.test(denied.words);
}
