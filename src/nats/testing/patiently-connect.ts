import { connect, errors, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { eventually } from '../../../e2e/cluster/eventually';

/**
 * A client's connection, which is not made again where it is lost. Rejects at once where the server says no. Where there is no
 * way to it, the connection ended before a reason was read, or one of the two was too slow for the other's patience, it is
 * tried again for a while: that tells nothing of who may come in.
 */
export async function patientlyConnect(options: ConnectionOptions): Promise<NatsConnection> {
  const outcome = await eventually(60, async () => {
    try {
      return { connection: await connect({ reconnect: false, ...options }) };
    } catch (error) {
      if (isTransient(error as NodeJS.ErrnoException)) throw error;
      return { refusal: error as Error };
    }
  });
  if (outcome.connection) return outcome.connection;
  throw outcome.refusal;
}

function isTransient(error: NodeJS.ErrnoException): boolean {
  const isOfNetwork = /^E(CONN|PIPE|TIMEDOUT)/.test(error.code ?? '');
  return isOfNetwork || error instanceof errors.ConnectionError || /timeout/i.test(error.message);
}
