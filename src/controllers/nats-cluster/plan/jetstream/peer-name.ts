import { createHash } from 'node:crypto';
import { type Replica } from '../../../../nats/jetstream-report';
import { type Cluster } from '../situation';

/** What a server calls a peer that it has not seen since it started (nats-server jetstream_cluster.go, clusterInfo). */
const unseen = /^Server name unknown at this time \(peerID: (?<id>\w+)\)$/;

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** One more than the highest ordinal that is looked for: more servers than that no cluster has. */
const ordinals = 1000;

/** Whether the servers don't know whose peer it is. */
export function isNameless({ name }: Replica): boolean {
  return name === '' || unseen.test(name);
}

/** Whether it can't be a server that this cluster has or had: neither its name nor its id is that of a member. */
export function isForeign(peer: Replica, { metadata }: Cluster): boolean {
  if (isNameless(peer)) return idOf(peer) !== undefined;
  const prefix = `${metadata.name}-`;
  return !(peer.name.startsWith(prefix) && /^\d{1,4}$/.test(peer.name.slice(prefix.length)));
}

/** The peer with the name of the member that it is, where the servers know only its id; as it is where it is no member's. */
export function named(peer: Replica, { metadata }: Cluster): Replica {
  if (!isNameless(peer)) return peer;
  const id = idOf(peer);
  for (let ordinal = 0; ordinal < ordinals; ordinal++) {
    const name = `${metadata.name}-${ordinal}`;
    if (peerId(name) === id) return { ...peer, name };
  }
  return peer;
}

function idOf({ id, name }: Replica): string | undefined {
  return id ?? unseen.exec(name)?.groups?.id;
}

/** The id that a server of this name has in its groups (nats-server events.go, getHash). */
export function peerId(name: string): string {
  const hash = createHash('sha256').update(name).digest().subarray(0, 8);
  return Array.from(hash, (byte) => digits[byte % digits.length]).join('');
}
