import { join } from 'node:path';
import { projectFolder } from '../../e2e/cluster/project';
import { controllers } from '../controllers';
import { FaultProxy, type Fault, type ReachedBy } from '../kubernetes/testing/fault-proxy';
import { createLog } from '../observability/log';
import { NatsOperator } from '../operator';
import { parseOptions } from '../options';

const crdFolder = join(projectFolder, 'crd');

interface Request {
  readonly method: string;
  readonly url: string;
}

// a dropped connection would do too, but costs a TLS handshake each time
const noAnswer: Fault = { kind: 'answer', status: 503 };

/** The end of an operator after some writes. */
class Death {
  private underWay = 0;
  private resolve!: () => void;
  /** Resolves when all that was written before has been done. */
  readonly came = new Promise<void>((resolve) => (this.resolve = resolve));

  constructor(private writesLeft: number) {}

  get isDecided(): boolean {
    return this.writesLeft <= 0;
  }

  faultOf({ method }: Request): Fault | undefined {
    if (this.isDecided) return noAnswer;
    if (method === 'GET') return undefined;
    this.underWay++;
    return --this.writesLeft > 0 ? undefined : { kind: 'cut', afterBytes: 0 };
  }

  ended({ method }: Request): void {
    if (method !== 'GET') this.underWay--;
    if (this.isDecided && this.underWay === 0) this.resolve();
  }
}

/** The whole operator in this process, behind a proxy that counts its writes and can cut it off from the API server. */
export class RunningOperator {
  /** Calls that it sent, as `METHOD url`. */
  readonly calls: string[] = [];
  private readonly started: Promise<void>;
  private ended?: Error;
  private readonly deaths = new Map<string, Death>();
  private isKilled = false;

  private constructor(
    private readonly operator: NatsOperator,
    private readonly proxy: FaultProxy,
  ) {
    this.started = operator.start().catch((error: unknown) => {
      this.ended = error as Error;
    });
    proxy.mischief = (request) => this.faultOf(request);
    proxy.onEnd = (request) => this.deaths.get(namespaceOf(request))?.ended(request);
  }

  /** Starts it against a control plane that has the CRDs, without leader election if the options given don't ask for it. */
  static async start(controlPlane: ReachedBy, ...given: string[]): Promise<RunningOperator> {
    const proxy = await FaultProxy.start(controlPlane);
    process.env.KUBECONFIG = proxy.kubeconfig; // where the SDK looks, at once
    // clusters that are cut off keep workers busy
    const args = ['--listen=127.0.0.1:0', '--leader-elect=false', '--install-crds=false'];
    const options = parseOptions([...args, '--max-concurrent-reconciles=100', ...given], {});
    if (options === 'help') throw new Error('not asked for help');
    const log = createLog('info', 'json');
    log.level = process.env.OPERATOR_LOG ?? 'silent';
    return new RunningOperator(new NatsOperator(options, log, controllers, crdFolder), proxy);
  }

  /**
   * From now on it has that many writes in a namespace, at least one. With the last one it is as if killed, as far as that
   * namespace goes: it does not learn what became of that write, and none of its calls reach the API server any more.
   */
  dieAfter(writes: number, namespace: string): Pick<Death, 'isDecided' | 'came'> {
    const death = new Death(writes);
    this.deaths.set(namespace, death);
    return death;
  }

  /** As if killed, everywhere and at once. */
  kill(): void {
    this.isKilled = true;
    this.proxy.cutAll();
    this.operator.stop();
  }

  /** Ends it in good order. Throws what it failed with. */
  async stop(): Promise<void> {
    this.operator.stop();
    await this.started;
    this.proxy.stop();
    if (this.ended && !this.isKilled) throw this.ended;
  }

  private faultOf(request: Request): Fault | undefined {
    if (this.isKilled) return noAnswer;
    const fault = this.deaths.get(namespaceOf(request))?.faultOf(request);
    if (fault !== noAnswer) this.calls.push(`${request.method} ${request.url}`);
    return fault;
  }
}

function namespaceOf({ url }: Request): string {
  return /\/namespaces\/([^/?]+)/.exec(url)?.[1] ?? '';
}
