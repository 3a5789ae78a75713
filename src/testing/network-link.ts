import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to a server on this machine that can break the way networks do: without a word to either side. */
export class NetworkLink {
  private broken = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    /** Where to reach the server. */
    readonly url: string,
  ) {}

  /** A way to `url`, whose certificate must be good for 127.0.0.1. */
  static async to(url: string): Promise<NetworkLink> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const link = new NetworkLink(server, `https://127.0.0.1:${port}`);
    server.on('connection', (near) => {
      link.open(near, new URL(url));
    });
    return link;
  }

  /** From now on nothing comes through in either direction, and connections stay open. It can't be mended. */
  break(): void {
    this.broken = true;
  }

  /** Closes all connections and the port. */
  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private open(near: Socket, { hostname, port }: URL): void {
    this.join(near);
    if (this.broken) return;
    const far = connect({ host: hostname, port: Number(port) });
    this.join(far);
    this.pass(near, far);
    this.pass(far, near);
  }

  private join(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy()); // 'close' follows
    socket.on('close', () => this.sockets.delete(socket));
  }

  private pass(from: Socket, to: Socket): void {
    from.on('data', (piece: Buffer) => {
      if (!this.broken) to.write(piece);
    });
    from.on('close', () => {
      if (!this.broken) to.destroy();
    });
  }
}
