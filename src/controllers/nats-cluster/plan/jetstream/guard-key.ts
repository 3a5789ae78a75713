import { takesPreviousKey } from '../../../../nats/capabilities';
import { encryptionAnnotation } from '../../../../templates/names';
import { claimOf } from '../claims';
import { trouble, type Step } from '../step';
import { isReady, listed, type Member, type View } from '../survey';

/**
 * A server opens no file that was written with a key that it is not told, neither as its own nor as the one before: a single one
 * serves without the streams, and one of a cluster ends, or of 2.10 loses them for good (measured, 2.10.29 and 2.15.2). So such
 * a change is not even written into the config, where a server that restarts by itself would find it. What is not encrypted yet
 * a server encrypts when it starts with a key.
 */
export function guardKey(view: View): readonly Step[] {
  const { wanted, members, surplus, cluster } = view;
  if (!wanted?.jetStream) return [];
  const { encryption } = wanted;
  const takesBefore = wanted.streamsOf === 'one-server' || takesPreviousKey(wanted.version);
  const readable = [encryption?.now, takesBefore ? encryption?.before : undefined];
  const locked = [...members, ...surplus].filter((member) =>
    keysOf(view, member).some((key) => !readable.includes(key)),
  );
  if (locked.length === 0) return [];
  const names = listed(locked.map(({ name }) => name));
  const vacant = locked.filter(({ pods }) => pods.length === 0).map(({ name }) => name);
  const giveUp = `kubectl delete pvc -n ${cluster.metadata.namespace} ${vacant.join(' ')}`;
  const end = `${vacant.length > 0 ? `; or give up what is on claim ${listed(vacant)} (${giveUp})` : ''}. Nothing is changed until then`;
  if (!encryption) {
    const because = `spec.jetstream.encryption is not there, and without its key the streams of ${names} can't be read: put it back, or move them to a cluster without it${end}`;
    return [trouble('KeyMissing', because)];
  }
  const { name, key } = encryption.secret;
  if (!takesBefore && encryption.before !== undefined) {
    const because = `spec.jetstream.encryption.previousKeySecret: servers of ${wanted.version} can't open the files of their cluster with the key before, so that the streams of ${names} can't get the key that secret ${name} has under ${key}: put the old value back there, or move the streams to a cluster with the new one${end}`;
    return [trouble('KeyFixed', because)];
  }
  const because = `secret ${name}, which spec.jetstream.encryption.keySecret refers to, has under ${key} another key than the streams of ${names} are encrypted with: put the old value back, or keep it in a secret that spec.jetstream.encryption.previousKeySecret names${end}`;
  return [trouble('SecretInvalid', because)];
}

/** What stands for the keys that files of a member may be written with: what a server that serves has is all rewritten. */
function keysOf(view: View, member: Member): string[] {
  const { pod, pods } = member;
  const holders = [
    ...(pod ? [pod] : pods).map((each) => each.pod),
    ...(isReady(member) ? [] : [claimOf(view, member)]),
  ];
  return holders.flatMap((holder) => holder?.metadata.annotations?.[encryptionAnnotation] ?? []);
}
