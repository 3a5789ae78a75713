import { type Encryption } from '../../../../templates/encryption';
import { encryptionAnnotation } from '../../../../templates/names';
import { claimOf } from '../claims';
import { isConfigWritten } from '../guard-config';
import { trouble, type Step } from '../step';
import { isReady, listed, type Member, type View } from '../survey';
import { jetStreamSight, nameOf } from './sight';

/**
 * A server opens no file that was written with a key that it is not told, neither as its own nor as the one before: a single one
 * serves without the streams, and one of a cluster ends, or of 2.10 loses them for good (measured, 2.10.29 and 2.15.2). Where it
 * is told the one before, it opens no consumers with that, and one of a cluster from 2.11.12 and 2.12.4 on ends
 * (previous-key.integration.test.ts): so a single server alone takes another key, while it has no consumers in files. What is held
 * back is not even written into the config, where a server that restarts by itself would find it. What is not encrypted yet a
 * server encrypts when it starts with a key, consumers too.
 */
export function guardKey(view: View): readonly Step[] {
  const { wanted, members, surplus, cluster } = view;
  if (!wanted?.jetStream) return [];
  const { encryption } = wanted;
  const isAlone = wanted.streamsOf === 'one-server';
  const readable = [encryption?.now, isAlone ? encryption?.before : undefined];
  const locked = [...members, ...surplus].filter((member) =>
    keysOf(view, member).some((key) => !readable.includes(key)),
  );
  if (locked.length === 0) return isAlone && encryption ? guardConsumers(view, encryption) : [];
  const names = listed(locked.map(({ name }) => name));
  const vacant = locked.filter(({ pods }) => pods.length === 0).map(({ name }) => name);
  const giveUp = `kubectl delete pvc -n ${cluster.metadata.namespace} ${vacant.join(' ')}`;
  const end = `${vacant.length > 0 ? `; or give up what is on claim ${listed(vacant)} (${giveUp})` : ''}. Nothing is changed until then`;
  if (!encryption) {
    const because = `spec.jetstream.encryption is not there, and without its key the streams of ${names} can't be read: put it back, or move them to a cluster without it${end}`;
    return [trouble('KeyMissing', because)];
  }
  const { name, key } = encryption.secret;
  if (!isAlone && encryption.before !== undefined) {
    const because = `spec.jetstream.encryption.previousKeySecret: servers of a cluster can't open all their files with the key before, so that the streams of ${names} can't get the key that secret ${name} has under ${key}: put the old value back there, or move the streams to a cluster with the new one${end}`;
    return [trouble('KeyFixed', because)];
  }
  const because = `secret ${name}, which spec.jetstream.encryption.keySecret refers to, has under ${key} another key than the streams of ${names} are encrypted with: put the old value back${isAlone ? ', or keep it in a secret that spec.jetstream.encryption.previousKeySecret names' : ', or move the streams to a cluster with the new one'}${end}`;
  return [trouble('SecretInvalid', because)];
}

/**
 * Before the new key is written into the config, the server has to say that it has no consumers in files; afterwards one that does
 * not serve may be on its way to the new key.
 */
function guardConsumers(view: View, { now, before, secret }: Encryption): readonly Step[] {
  const { groups, reports } = jetStreamSight(view);
  const isUnderWay = isConfigWritten(view);
  const change = [...view.members, ...view.surplus].filter(
    (member) =>
      before !== undefined &&
      (isReady(member) || !isUnderWay) &&
      keysOf(view, member).some((key) => key === before && key !== now),
  );
  const field = 'spec.jetstream.encryption.previousKeySecret';
  const back = `put the old value back into secret ${secret.name} under ${secret.key}`;
  const [silent] = change.filter(({ name }) => reports.get(name)?.groups === undefined);
  if (silent) {
    const why = reports.has(silent.name)
      ? 'can not be told, as there are too many streams and consumers'
      : 'is not known before it serves and tells';
    const because = `${field}: whether ${silent.name} has consumers, which it would lose with another key, ${why}: ${back}. Nothing is changed until then`;
    return [trouble('ConsumersInTheWay', because, 5)];
  }
  const lost = change.length > 0 ? groups.filter(({ consumer, inMemory }) => consumer !== undefined && !inMemory) : [];
  if (lost.length === 0) return [];
  const because = `${field}: servers open no consumers with the key before, and ${listed(lost.map(nameOf))} would be lost: ${back}, or delete the consumers (nats consumer rm) and make them again afterwards. Nothing is changed until then`;
  return [trouble('ConsumersInTheWay', because)];
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
