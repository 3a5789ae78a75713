import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

const patienceMs = 30_000;

/**
 * A connection to a NATS server, spoken by hand, so that a test sees what happens on the wire
 * (https://docs.nats.io/reference/reference-protocols/nats-protocol).
 */
export class Wire {
  private read = '';
  private ending?: Error;

  private constructor(private socket: Socket) {
    this.listen(socket);
  }

  /** As a client does it: the server's INFO comes in the clear, and then, with `tls` given, both go on encrypted. */
  static async toClientPort(port: number, tls?: ConnectionOptions): Promise<Wire> {
    const socket = connectTcp(port, '127.0.0.1');
    await once(socket, 'connect');
    const wire = new Wire(socket);
    await wire.expect(/^INFO (.*)\r\n/);
    if (tls) await wire.encrypt(tls);
    wire.send('CONNECT {"verbose":false,"pedantic":false,"name":"wire","lang":"test","version":"1","protocol":1}');
    wire.send('PING');
    await wire.expect(/PONG\r\n/);
    return wire;
  }

  /** As another server does it: encrypted from the first byte. Throws unless the server says INFO. */
  static async toRoutePort(port: number, tls: ConnectionOptions): Promise<Wire> {
    const socket = connectTls({ ...tls, port, host: '127.0.0.1' });
    await once(socket, 'secureConnect');
    const wire = new Wire(socket);
    await wire.expect(/^INFO (.*)\r\n/);
    return wire;
  }

  send(line: string): void {
    this.socket.write(`${line}\r\n`);
  }

  /** Waits for what the server is to say. Throws with what it said instead. */
  async expect(pattern: RegExp, waitMs = patienceMs): Promise<string> {
    const patience = AbortSignal.timeout(waitMs);
    for (;;) {
      const found = pattern.exec(this.read)?.[0];
      if (found) return found;
      if (this.ending) throw this.ending;
      await once(this.socket, 'heard', { signal: patience }).catch((error: unknown) => {
        throw new Error(`no ${String(pattern)} in ${JSON.stringify(this.read)}`, { cause: error });
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private async encrypt(tls: ConnectionOptions): Promise<void> {
    this.socket.removeAllListeners('data');
    this.socket.removeAllListeners('close');
    const secure: TLSSocket = connectTls({ ...tls, socket: this.socket });
    await once(secure, 'secureConnect');
    this.socket = secure;
    this.listen(secure);
  }

  private listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.read += chunk.toString();
      socket.emit('heard');
    });
    socket.on('error', (error) => {
      this.ending = error;
      socket.emit('heard');
    });
    socket.on('close', () => {
      this.ending ??= new Error(`closed by the server after ${JSON.stringify(this.read)}`);
      socket.emit('heard');
    });
  }
}
