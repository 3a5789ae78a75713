/**
 * What a server can be asked for by a user of the system account. Each goes to the server of a pod; those that are for the
 * leader of the JetStream meta group find their way to it.
 */
export type Command =
  /** Read the config file again. Since 2.10.0 (server/events.go, reloadConfig). */
  | {
      readonly kind: 'reload';
      readonly serverId: string;
      /** What it will have read then, for people. */ readonly to: string;
    }
  /** Let another server lead the meta group; `preferred` is the name of one, from 2.11.0 on (jsLeaderStepDownRequest). */
  | { readonly kind: 'stepDownMetaLeader'; readonly preferred?: string }
  /** Take a server out of the meta group and of all streams, by its name or by the id that /jsz shows (jsLeaderServerRemoveRequest). */
  | { readonly kind: 'removePeer'; readonly peer: string; readonly peerId?: string }
  /** Move a stream off a server, wherever else (jsLeaderServerStreamMoveRequest). */
  | {
      readonly kind: 'moveStream';
      readonly account: string;
      readonly stream: string;
      /** Name of the server that is to lose it. */
      readonly server: string;
      /** Name of the cluster where it may go; without it, the one where it is. */
      readonly cluster?: string;
      readonly tags?: readonly string[];
    }
  /** Take a move back that has not ended (jsLeaderServerStreamCancelMoveRequest). */
  | { readonly kind: 'cancelMove'; readonly account: string; readonly stream: string };

/** A message on its way to a server. */
export interface Request {
  readonly subject: string;
  readonly payload: string;
}

/** The request that a command is (nats-server server/events.go and server/jetstream_api.go). */
export function requestOf(command: Command): Request {
  switch (command.kind) {
    case 'reload':
      return { subject: `$SYS.REQ.SERVER.${command.serverId}.RELOAD`, payload: '' };
    case 'stepDownMetaLeader': {
      const { preferred } = command;
      return { subject: '$JS.API.META.LEADER.STEPDOWN', payload: preferred ? json({ placement: { preferred } }) : '' };
    }
    case 'removePeer':
      return { subject: '$JS.API.SERVER.REMOVE', payload: json({ peer: command.peer, peer_id: command.peerId }) };
    case 'moveStream': {
      const { account, stream, server, cluster, tags } = command;
      return { subject: `$JS.API.ACCOUNT.STREAM.MOVE.${account}.${stream}`, payload: json({ server, cluster, tags }) };
    }
    case 'cancelMove':
      return { subject: `$JS.API.ACCOUNT.STREAM.CANCEL_MOVE.${command.account}.${command.stream}`, payload: '' };
  }
}

/** A command in words, as a person would say it. The same command has the same words. */
export function nameOf(command: Command): string {
  switch (command.kind) {
    case 'reload':
      return `reload ${command.to}`;
    case 'stepDownMetaLeader':
      return 'let another server lead the meta group';
    case 'removePeer':
      return `remove ${command.peer} from the meta group`;
    case 'moveStream':
      return `move stream ${command.stream} of account ${command.account} off ${command.server}`;
    case 'cancelMove':
      return `cancel the move of stream ${command.stream} of account ${command.account}`;
  }
}

function json(value: object): string {
  return JSON.stringify(value);
}
