import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const timeoutSeconds = 3;
/** A server that has said nothing for so many seconds waits for the client's handshake (`handshake_first`, since 2.10.4). */
const infoSeconds = 1;

/**
 * Serial number of the certificate that a server shows on its client port, as a handshake sees it: hexadecimal, upper case.
 * Undefined where there is none to see. Who signed it does not matter here: it is only looked at.
 */
export async function shownSerial(ip: string, port = 4222): Promise<string | undefined> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  const socket = connectTcp(port, ip);
  try {
    await once(socket, 'connect', { signal });
    // as clients do it, it begins in the clear with the server's INFO
    await once(socket, 'readable', { signal: AbortSignal.timeout(infoSeconds * 1000) }).catch(() => undefined);
    return await handshake(socket, signal);
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

async function handshake(socket: Socket, signal: AbortSignal): Promise<string | undefined> {
  socket.read();
  const secure = connectTls({ socket, rejectUnauthorized: false });
  secure.on('error', () => undefined); // of a server that wants to see a certificate too, after it has shown its own
  try {
    await once(secure, 'secureConnect', { signal });
    return secure.getPeerX509Certificate()?.serialNumber;
  } finally {
    secure.destroy();
  }
}
