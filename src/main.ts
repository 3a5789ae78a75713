import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { controllers } from './controllers';
import { createLog, type Log } from './observability/log';
import { NatsOperator } from './operator';
import { helpText, parseOptions, type Options } from './options';

function main(): void {
  const options = readOptions();
  if (options === 'help') {
    process.stdout.write(helpText());
    return;
  }
  const log = createLog(options.logLevel, options.logFormat);
  const operator = start(options, log);
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1); // asked twice: at once
      asked = true;
      log.info(`${signal}: running reconciles end, then the lease is given away`);
      operator.stop();
    });
  }
  // Nobody knows what state the process is in after this, so it does nothing more, not even what was begun; the next one
  // starts from what the API server says. The log has left by then: it is written synchronously.
  process.on('uncaughtException', (error) => {
    operator.unhandledRejection();
    log.fatal({ err: error }, 'an error that nobody caught ends the operator');
    process.exit(1);
  });
}

function readOptions(): Options | 'help' {
  try {
    return parseOptions(process.argv.slice(2), process.env);
  } catch (error) {
    fail(error);
  }
}

function start(options: Options, log: Log): NatsOperator {
  try {
    const operator = new NatsOperator(options, log, controllers, crdFolder());
    operator.start().catch((error: unknown) => {
      log.debug({ err: error }, 'the operator ends');
      fail(error);
    });
    return operator;
  } catch (error) {
    // by now nothing else was used
    fail(`the kubeconfig can't be used: ${messageOf(error)}`);
  }
}

function fail(error: unknown): never {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.exit(1);
}

/** One line: a YAML parser draws pictures below its own. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1).join();
}

/** Beside the bundle, or in the checkout that this was compiled in. */
function crdFolder(): string {
  const beside = join(__dirname, 'crd');
  return existsSync(beside) ? beside : join(__dirname, '..', '..', 'crd');
}

main();
