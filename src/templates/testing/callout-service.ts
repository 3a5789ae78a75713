import { type NatsConnection } from '@nats-io/transport-node';
import { aJwt, userJwt, type KeyPair } from './jwt';

/** Answers as a service that docs.nats.io describes for auth callout: it knows one user, who may not subscribe to `secret`. */
export function answerCallouts(client: NatsConnection, issuer: KeyPair): void {
  client.subscribe('$SYS.REQ.USER.AUTH', {
    callback: (_, message) => {
      const { nats } = JSON.parse(Buffer.from(message.string().split('.')[1] ?? '', 'base64url').toString()) as {
        nats: { user_nkey: string; server_id: { id: string }; connect_opts: { user?: string; pass?: string } };
      };
      const { user, pass } = nats.connect_opts;
      const answer =
        user === 'known' && pass === 'known'
          ? { jwt: userJwt(issuer, nats.user_nkey, { aud: 'APP' }, { sub: { deny: ['secret'] } }) }
          : { error: 'unknown user' };
      message.respond(
        aJwt(issuer, nats.user_nkey, { type: 'authorization_response', ...answer }, { aud: nats.server_id.id }),
      );
    },
  });
}
