import { once } from 'node:events';
import { connect } from 'node:net';

const timeoutSeconds = 1;

/**
 * What a server says to whom it takes no connection of, such as `maximum connections exceeded`; undefined where it says
 * nothing of the kind within a second. A client that writes at once may find the connection closed before it has read that.
 */
export async function spokenError(ip: string, port: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  const socket = connect(port, ip);
  let said = '';
  socket.on('data', (part: Buffer) => (said += part.toString()));
  try {
    await once(socket, 'close', { signal });
  } catch {
    // it goes on listening, or nobody is there
  } finally {
    socket.destroy();
  }
  return /^-ERR '(.*)'/m.exec(said)?.[1];
}
