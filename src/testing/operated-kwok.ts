import { KwokCluster } from './kwok-cluster';
import { RunningOperator } from './running-operator';

/** A KWOK cluster and the operator that works on it. */
class OperatedKwok {
  private running?: { readonly kwok: KwokCluster; operator: RunningOperator };

  get kwok(): KwokCluster {
    return this.started.kwok;
  }

  get operator(): RunningOperator {
    return this.started.operator;
  }

  async start(options?: Parameters<typeof KwokCluster.start>[0]): Promise<void> {
    const kwok = await KwokCluster.start(options);
    this.running = { kwok, operator: await RunningOperator.start(kwok.controlPlane) };
  }

  /** Ends the operator, and starts another one in its place. */
  async restartOperator(): Promise<void> {
    await this.operator.stop();
    this.started.operator = await RunningOperator.start(this.kwok.controlPlane);
  }

  async end(): Promise<void> {
    await this.running?.operator.stop();
    await this.running?.kwok.remove();
  }

  private get started() {
    if (!this.running) throw new Error('it is started before the tests');
    return this.running;
  }
}

/** For all tests of the `describe` that calls it: started before them, ended after them. */
export function operatedKwok(options?: Parameters<typeof KwokCluster.start>[0]): OperatedKwok {
  const operated = new OperatedKwok();
  beforeAll(() => operated.start(options), 180_000);
  afterAll(() => operated.end(), 180_000);
  return operated;
}
