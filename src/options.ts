import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { logFormats, logLevels, type LogFormat, type LogLevel } from './observability/log';
import { type ListenAddress } from './observability/server';

/** What an operator is started with. */
export interface Options {
  /** Namespaces to serve; none means all. */
  readonly namespaces: readonly string[];
  /** Address of `/metrics`, `/healthz` and `/readyz`. */
  readonly listen: ListenAddress;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly maxConcurrentReconciles: number;
  readonly leaderElection: boolean;
  /** Namespace of the Lease. */
  readonly leaseNamespace: string;
  /** Name of this replica, unique among all. */
  readonly identity: string;
  readonly installCrds: boolean;
}

/** A command line that can't be used: its message is one line that names the option and the cure. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Flag {
  readonly default: string;
  readonly help: string;
}

const flags = {
  namespaces: { default: '', help: 'namespaces to serve, separated by commas; empty: all' },
  listen: { default: ':8080', help: 'address of /metrics, /healthz and /readyz' },
  'log-level': { default: 'info', help: logLevels.join(', ') },
  'log-format': { default: 'json', help: logFormats.join(', ') },
  'max-concurrent-reconciles': { default: '8', help: 'clusters that are worked on at once, 1 to 100' },
  'leader-elect': { default: 'true', help: 'true, or false where there is only one replica' },
  'lease-namespace': { default: '', help: 'namespace of the lease; empty: $POD_NAMESPACE, else default' },
  'install-crds': { default: 'true', help: 'true, or false to leave the CRDs as they are' },
} as const satisfies Record<string, Flag>;

type FlagName = keyof typeof flags;

const prefix = 'NATS_OPERATOR_';

/** What Kubernetes tells a container of Services whose names begin with nats-operator. */
const serviceLink = /_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/** The name by which the environment gives an option: NATS_OPERATOR_LOG_LEVEL for `--log-level`. */
function variable(name: string): string {
  return `${prefix}${name.toUpperCase().replaceAll('-', '_')}`;
}

const variables = new Set(Object.keys(flags).map(variable));

/** What `--help` prints. */
export function helpText(): string {
  const lines = Object.entries<Flag>(flags).map(
    ([name, flag]) => `  --${name.padEnd(26)} ${flag.help} (default: ${flag.default || 'empty'}; $${variable(name)})`,
  );
  return `Runs NATS on Kubernetes.\n\nuse: nats-operator [options]\n\n${lines.join('\n')}\n  --help\n`;
}

/** Reads options from the command line, else from the environment. `help` asks for help. Throws a `UsageError`. */
export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options | 'help' {
  const given = parse(args);
  if (given.help) return 'help';
  for (const name of Object.keys(env)) {
    if (name.startsWith(prefix) && !serviceLink.test(name) && !variables.has(name)) {
      throw new UsageError(`Unknown option $${name}; --help lists the options`);
    }
  }
  const value = (name: FlagName) => given.values.get(name) ?? env[variable(name)] ?? flags[name].default;
  const oneOf = <T extends string>(name: FlagName, allowed: readonly T[]): T => {
    const found = allowed.find((candidate) => candidate === value(name));
    if (!found) throw new UsageError(`--${name}=${value(name)}: use ${allowed.join(', ')}`);
    return found;
  };
  return {
    namespaces: value('namespaces')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
    listen: address('listen', value('listen')),
    logLevel: oneOf('log-level', logLevels),
    logFormat: oneOf('log-format', logFormats),
    maxConcurrentReconciles: count('max-concurrent-reconciles', value('max-concurrent-reconciles'), 100),
    leaderElection: oneOf('leader-elect', ['true', 'false']) === 'true',
    leaseNamespace: value('lease-namespace') || env.POD_NAMESPACE || 'default',
    identity: `${env.POD_NAME ?? hostname()}_${process.pid}_${Date.now().toString(36)}`,
    installCrds: oneOf('install-crds', ['true', 'false']) === 'true',
  };
}

function parse(args: readonly string[]): { help: boolean; values: Map<string, string> } {
  const options = Object.fromEntries(
    Object.keys(flags).map((name) => [name, { type: 'string' as const, multiple: true }]),
  );
  try {
    const { values } = parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean' } } });
    const texts = Object.entries(values).flatMap(([name, given]) => {
      if (!Array.isArray(given)) return [];
      if (given.length > 1) throw new Error(`Option '--${name}' is given more than once`);
      return [[name, String(given[0])] as const];
    });
    return { help: values.help === true, values: new Map(texts) };
  } catch (error) {
    const [line = ''] = (error as Error).message.split(/[.\n]/);
    throw new UsageError(`${line}; --help lists the options`, { cause: error });
  }
}

function count(name: FlagName, text: string, max: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > max)
    throw new UsageError(`--${name}=${text}: use 1 to ${max}`);
  return number;
}

function address(name: FlagName, text: string): ListenAddress {
  const match = /^(?<host>.*):(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.port);
  if (!match || port > 65535) throw new UsageError(`--${name}=${text}: use host:port or :port`);
  return { host: match.groups?.host || undefined, port };
}
