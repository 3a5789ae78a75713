import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

const patienceMs = 30_000;
/** https://www.rfc-editor.org/rfc/rfc6455#section-1.3 */
const handshakeGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A connection to the websocket port of a NATS server, spoken by hand (RFC 6455); what it carries is the protocol of `Wire`. */
export class WebsocketWire {
  private bytes = Buffer.alloc(0);
  private read = '';

  private constructor(private readonly socket: Socket) {}

  /** Upgrades a connection and says CONNECT. With `tls` it is wss. Throws where the server does not take it. */
  static async toPort(port: number, tls?: ConnectionOptions, host = '127.0.0.1'): Promise<WebsocketWire> {
    const socket = tls ? connectTls({ ...tls, port, host }) : connectTcp(port, host);
    await once(socket, tls ? 'secureConnect' : 'connect');
    const wire = new WebsocketWire(socket);
    await wire.upgrade();
    await wire.expect(/^INFO (.*)\r\n/);
    wire.send('CONNECT {"verbose":false,"pedantic":false,"name":"wire","lang":"test","version":"1","protocol":1}');
    wire.send('PING');
    await wire.expect(/PONG\r\n/);
    return wire;
  }

  /** Sends a line in a frame of its own; clients mask theirs. */
  send(line: string): void {
    const payload = Buffer.from(`${line}\r\n`);
    const mask = randomBytes(4);
    const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    const length =
      payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 0xff];
    this.socket.write(Buffer.concat([Buffer.from([0x82, ...length]), mask, masked]));
  }

  /** Waits for what the server is to say. Throws with what it said instead. */
  async expect(pattern: RegExp): Promise<string> {
    const patience = AbortSignal.timeout(patienceMs);
    for (;;) {
      this.unframe();
      const found = pattern.exec(this.read)?.[0];
      if (found) return found;
      await this.more(patience, String(pattern));
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private async upgrade(): Promise<void> {
    const key = randomBytes(16).toString('base64');
    const headers = ['Host: nats', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
    this.socket.write(`GET / HTTP/1.1\r\n${headers.join('\r\n')}\r\nSec-WebSocket-Key: ${key}\r\n\r\n`);
    this.socket.on('error', () => undefined); // the close that follows tells
    const patience = AbortSignal.timeout(patienceMs);
    for (;;) {
      const end = this.bytes.indexOf('\r\n\r\n');
      if (end >= 0) {
        const answer = this.bytes.subarray(0, end).toString();
        this.bytes = this.bytes.subarray(end + 4);
        const accept = createHash('sha1')
          .update(key + handshakeGuid)
          .digest('base64');
        if (!answer.startsWith('HTTP/1.1 101') || !answer.includes(accept)) throw new Error(`no upgrade: ${answer}`);
        return;
      }
      await this.more(patience, 'an upgrade');
    }
  }

  private async more(signal: AbortSignal, what: string): Promise<void> {
    const chunk = this.socket.read() as Buffer | null;
    if (chunk) {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      return;
    }
    if (this.socket.closed || this.socket.readableEnded) throw new Error(`closed by the server, and no ${what}`);
    const ended = new AbortController();
    try {
      const options = { signal: AbortSignal.any([signal, ended.signal]) };
      await Promise.race([once(this.socket, 'readable', options), once(this.socket, 'close', options)]);
    } catch (error) {
      throw new Error(`no ${what} in ${JSON.stringify(this.read)}`, { cause: error });
    } finally {
      ended.abort();
    }
  }

  /** Moves the content of whole frames from `bytes` to `read`. The server does not mask and sends no frame of 64 KiB here. */
  private unframe(): void {
    for (;;) {
      const short = (this.bytes[1] ?? 0) & 0x7f;
      const head = short === 126 ? 4 : 2;
      if (this.bytes.length < head) return;
      const length = short === 126 ? this.bytes.readUInt16BE(2) : short;
      if (this.bytes.length < head + length) return;
      this.read += this.bytes.subarray(head, head + length).toString();
      this.bytes = this.bytes.subarray(head + length);
    }
  }
}
