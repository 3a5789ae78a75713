import { readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import { type AddressInfo } from 'node:net';
import { parse, stringify } from 'yaml';
import { CertificateAuthority } from '../../../e2e/cluster/control-plane/certificates';
import { type ControlPlane } from '../../../e2e/cluster/control-plane/control-plane';

/** What the proxy does to one request instead of passing it on whole. */
export type Fault =
  /** Closes the connection without an answer. */
  | { readonly kind: 'drop' }
  /** Passes it on after a while. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Passes it on when that has come. */
  | { readonly kind: 'after'; readonly that: Promise<unknown> }
  /** Answers with this status instead of asking the API server. */
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter?: number }
  /** Asks the API server, and closes the connection in the middle of its answer. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Answers a watch with nothing but the event by which the API server says that it can't go on from there. */
  | { readonly kind: 'gone' }
  /** Answers a watch with a bookmark every so often, and with nothing else. */
  | { readonly kind: 'bookmarks'; readonly everyMs: number }
  /** Takes the request and never answers, not even with a status. */
  | { readonly kind: 'hold' }
  /** Asks the API server and keeps the answer: a write that was done and looks lost, or a watch that says nothing. */
  | { readonly kind: 'stall' };

/** Chooses the fault of a request, or none. */
export type Mischief = (request: { method: string; url: string; watch: boolean }) => Fault | undefined;

/** A control plane, and who calls it. */
export type ReachedBy = Pick<ControlPlane, 'url' | 'folder' | 'kubeconfig'>;

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
}

/** An HTTPS server in front of an API server that misbehaves as it is told. Clients use it by `kubeconfig`. */
export class FaultProxy {
  /** Connections that clients opened. */
  connections = 0;
  /** Requests by `METHOD watch|call`. */
  readonly requests: { method: string; url: string; watch: boolean; at: number }[] = [];
  mischief: Mischief = () => undefined;
  /** Told when the API server is done with a request that was passed on. */
  onEnd: (request: { method: string; url: string }) => void = () => undefined;

  private constructor(
    private readonly server: Server,
    readonly kubeconfig: string,
    private readonly upstream: Agent,
  ) {}

  /** Starts a proxy on a free port of 127.0.0.1, as the user of the kubeconfig. */
  static async start(controlPlane: ReachedBy): Promise<FaultProxy> {
    const upstream = parse(readFileSync(controlPlane.kubeconfig, 'utf8')) as Kubeconfig;
    const text = (base64: string) => Buffer.from(base64, 'base64').toString();
    const { user } = upstream.users[0];
    const tls = {
      ca: text(upstream.clusters[0].cluster['certificate-authority-data']),
      cert: text(user['client-certificate-data']),
      key: text(user['client-key-data']),
    };
    const authority = await CertificateAuthority.create('fault proxy');
    const own = await authority.issue({ commonName: 'proxy', names: ['127.0.0.1'] });
    const server = createServer({ cert: own.certificate, key: own.key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const [cluster] = upstream.clusters;
    cluster.cluster.server = `https://127.0.0.1:${port}`;
    cluster.cluster['certificate-authority-data'] = Buffer.from(authority.pair.certificate).toString('base64');
    const path = `${controlPlane.folder}/fault-proxy-${port}.kubeconfig`;
    writeFileSync(path, stringify(upstream), { mode: 0o600 });
    const proxy = new FaultProxy(server, path, new Agent({ ...tls, keepAlive: true }));
    server.on('secureConnection', () => proxy.connections++);
    server.on('request', (incoming, outgoing) => {
      proxy.handle(incoming, outgoing, controlPlane.url);
    });
    return proxy;
  }

  /** Closes all connections and the port. */
  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
    this.upstream.destroy();
  }

  /** Cuts every connection that is open, watches too. */
  cutAll(): void {
    this.server.closeAllConnections();
  }

  private handle(incoming: IncomingMessage, outgoing: ServerResponse, url: string): void {
    const { method = 'GET', url: path = '/' } = incoming;
    const asked = { method, url: path, watch: path.includes('watch=1') };
    this.requests.push({ ...asked, at: performance.now() });
    const fault = this.mischief(asked);
    if (fault?.kind === 'drop') {
      incoming.socket.destroy();
      return;
    }
    if (fault?.kind === 'answer') {
      const { status: code, retryAfter } = fault;
      const headers = {
        'content-type': 'application/json',
        ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      };
      outgoing.writeHead(code, headers);
      outgoing.end(
        JSON.stringify({ kind: 'Status', code, reason: code === 410 ? 'Expired' : 'Fault', message: 'by the proxy' }),
      );
      return;
    }
    if (fault?.kind === 'hold') return;
    if (fault?.kind === 'bookmarks') {
      const resourceVersion = new URL(path, url).searchParams.get('resourceVersion');
      const line = `${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } })}\n`;
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => outgoing.write(line), fault.everyMs);
      outgoing.on('close', () => {
        clearInterval(timer);
      });
      return;
    }
    if (fault?.kind === 'gone') {
      const object = { kind: 'Status', apiVersion: 'v1', code: 410, reason: 'Expired', message: 'too old' };
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    const headers = { ...incoming.headers };
    delete headers.host;
    const options = { method, headers, agent: this.upstream };
    const upstream = request(url + path, options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      let left = fault?.kind === 'cut' ? fault.afterBytes : Number.POSITIVE_INFINITY;
      answer.on('data', (piece: Buffer) => {
        if (fault?.kind === 'stall') return;
        outgoing.write(piece.subarray(0, left));
        left -= piece.length;
        if (left <= 0) incoming.socket.destroy();
      });
      answer.on('end', () => {
        if (fault?.kind !== 'stall') outgoing.end();
      });
      answer.on('error', () => incoming.socket.destroy());
    });
    upstream.on('error', () => incoming.socket.destroy());
    upstream.once('close', () => {
      this.onEnd(asked);
    });
    outgoing.on('close', () => upstream.destroy());
    const pass = () => incoming.pipe(upstream);
    if (fault?.kind === 'delay') setTimeout(pass, fault.ms);
    else if (fault?.kind === 'after') void fault.that.then(pass);
    else pass();
  }
}
