import { join } from 'node:path';
import { projectFolder } from '../../e2e/cluster/project';
import { type ControlPlane } from '../../e2e/cluster/control-plane/control-plane';
import { controllers } from '../controllers';
import { FaultProxy } from '../kubernetes/testing/fault-proxy';
import { createLog } from '../observability/log';
import { NatsOperator } from '../operator';
import { parseOptions } from '../options';

const crdFolder = join(projectFolder, 'crd');

/** The whole operator in this process, behind a proxy that counts its writes and can cut it off from the API server. */
export class RunningOperator {
  private readonly started: Promise<void>;
  private ended?: Error;
  private wasCut = false;
  private die!: () => void;
  /** Resolves when it is cut off. */
  readonly died = new Promise<void>((resolve) => (this.die = resolve));

  private constructor(
    private readonly operator: NatsOperator,
    readonly proxy: FaultProxy,
  ) {
    this.started = operator.start().catch((error: unknown) => {
      this.ended = error as Error;
    });
  }

  /**
   * Starts it against a control plane that has the CRDs. With `cutAfter` it is as if killed right after that many writes:
   * it does not even learn what became of the last one, and nothing of it reaches the API server any more.
   */
  static async start(controlPlane: ControlPlane, { cutAfter = Infinity } = {}): Promise<RunningOperator> {
    const proxy = await FaultProxy.start(controlPlane);
    process.env.KUBECONFIG = proxy.kubeconfig; // where the SDK looks
    const options = parseOptions(['--listen=127.0.0.1:0', '--leader-elect=false', '--install-crds=false'], {});
    if (options === 'help') throw new Error('not asked for help');
    const log = createLog('info', 'json');
    log.level = process.env.OPERATOR_LOG ?? 'silent';
    const running = new RunningOperator(new NatsOperator(options, log, controllers, crdFolder), proxy);
    let writes = 0;
    proxy.mischief = ({ method }) => {
      if (running.wasCut) return { kind: 'drop' };
      if (method === 'GET' || ++writes < cutAfter) return undefined;
      running.cut();
      return { kind: 'cut', afterBytes: 0 };
    };
    return running;
  }

  /** Writes that reached the API server. */
  get writes(): string[] {
    return this.proxy.requests.filter(({ method }) => method !== 'GET').map(({ method, url }) => `${method} ${url}`);
  }

  /** Whether it was cut off. */
  get isCut(): boolean {
    return this.wasCut;
  }

  /** Ends it in good order. Throws what it failed with. */
  async stop(): Promise<void> {
    this.operator.stop();
    await this.started;
    this.proxy.stop();
    if (this.ended && !this.wasCut) throw this.ended;
  }

  private cut(): void {
    this.wasCut = true;
    this.operator.stop();
    this.die();
  }
}
