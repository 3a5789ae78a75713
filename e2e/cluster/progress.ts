/** Says how far long work is: a line when a step ends, and now and then a sign of life while it runs. */
export class Progress {
  private done = 0;
  private readonly started = Date.now();

  /** `total` is the number of steps; `print` takes one line. */
  constructor(
    private readonly total: number,
    private readonly print: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
    private readonly aliveEverySeconds = 30,
  ) {}

  /** Runs one step and prints its name and how long it took. `expectation` tells what is normal for a step that is slow. */
  async step<T>(name: string, work: () => Promise<T>, expectation = ''): Promise<T> {
    const began = Date.now();
    const alive = setInterval(() => {
      this.print(`  ...    ${name}: still at it after ${seconds(began)}${expectation && ` (${expectation})`}`);
    }, this.aliveEverySeconds * 1000);
    try {
      const result = await work();
      this.done++;
      this.print(`  [${this.done}/${this.total}]  ${name}: ${seconds(began)} (${seconds(this.started)} in all)`);
      return result;
    } finally {
      clearInterval(alive);
    }
  }
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}
